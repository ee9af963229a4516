namespace Webhooks.Embedded;

/// <summary>The programs of a PostgreSQL server on this machine.</summary>
internal static class PostgreSqlBinaries
{
    private const string Debian = "/usr/lib/postgresql";

    private static readonly string? Directory = Find();

    /// <summary>The full name of a program. Skips the test where PostgreSQL is not installed.</summary>
    public static string PathOf(string program)
    {
        Assert.SkipWhen(
            Directory is null,
            $"PostgreSQL is not installed: neither in PATH nor in {Debian}/*/bin is there an initdb. "
            + "Install it (Debian and Ubuntu: apt-get install postgresql), or name a server in WEBHOOKS_TEST_POSTGRES.");
        return Path.Combine(Directory, program);
    }

    // Programs beside the real file: a link in PATH may stand alone.
    private static string? Find() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Where(directory => File.Exists(Path.Combine(directory, "initdb")) && File.Exists(Path.Combine(directory, "postgres")))
            .Concat(Installed())
            .FirstOrDefault();

    // Debian keeps the versions side by side and out of PATH: the newest one.
    private static IEnumerable<string> Installed() =>
        System.IO.Directory.Exists(Debian)
            ? System.IO.Directory.GetDirectories(Debian)
                .Select(version => Path.Combine(version, "bin"))
                .Where(directory => File.Exists(Path.Combine(directory, "initdb")))
                .OrderByDescending(directory => directory, StringComparer.Ordinal)
            : [];
}
