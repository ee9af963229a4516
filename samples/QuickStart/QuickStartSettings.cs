namespace QuickStart;

/// <summary>What can be set beside the options of the library.</summary>
/// <param name="Store">The connection string of the SQLite store.</param>
/// <param name="ApiKey">Who shows this key may use the admin and the DocSpace-shaped API.</param>
internal sealed record QuickStartSettings(string Store, string ApiKey)
{
    public static QuickStartSettings Read(IConfiguration configuration) => new(
        configuration.GetConnectionString("Webhooks") ?? $"Data Source={Path.Combine(Home(), "quickstart.db")}",
        configuration["QuickStart:ApiKey"] ?? "demo-key");

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
