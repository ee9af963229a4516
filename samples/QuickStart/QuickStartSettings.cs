namespace QuickStart;

/// <summary>What can be set beside the options of the library.</summary>
/// <param name="Store">The connection string of the SQLite store.</param>
/// <param name="ApiKey">Who shows this key may use the admin and the DocSpace-shaped API.</param>
/// <param name="Secret">What the first webhook is signed with. Fixed, so that the sink verifies after a restart as well.</param>
internal sealed record QuickStartSettings(string Store, string ApiKey, string Secret)
{
    public static QuickStartSettings Read(IConfiguration configuration) => new(
        configuration.GetConnectionString("Webhooks") ?? $"Data Source={Path.Combine(Home(), "quickstart.db")}",
        configuration["QuickStart:ApiKey"] ?? "demo-key",
        configuration["QuickStart:Secret"] ?? "whsec_QSBzZWNyZXQgZm9yIHRyeWluZyBvdXQsIG5vdCBvbmUgdG8ga2VlcA==");

    // Beside the project file in a checkout, so that a rebuild keeps the data; beside the program anywhere else.
    private static string Home()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "QuickStart.csproj")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? AppContext.BaseDirectory;
    }
}
