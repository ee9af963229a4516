using Webhooks.Embedded;

namespace QuickStart;

/// <summary>The engines that can hold the data.</summary>
internal static class Stores
{
    public const string Sqlite = "sqlite";

    private static readonly Dictionary<string, (Func<IWebhooksBuilder, string, IWebhooksBuilder> Use, string Example)> Engines =
        new(StringComparer.OrdinalIgnoreCase)
        {
            [Sqlite] = ((builder, connectionString) => builder.UseSqlite(connectionString), "Data Source=quickstart.db"),
            ["postgres"] = (
                (builder, connectionString) => builder.UsePostgreSql(connectionString),
                "Host=localhost;Database=quickstart;Username=…;Password=…"),
            ["sqlserver"] = (
                (builder, connectionString) => builder.UseSqlServer(connectionString),
                "Server=localhost;Database=quickstart;User Id=…;Password=…"),
        };

    /// <summary>The name as it is known.</summary>
    /// <exception cref="SettingException">There is no such engine.</exception>
    public static string Known(string name) =>
        Engines.Keys.FirstOrDefault(known => known.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new SettingException($"QuickStart:Store is '{name}'. It can be one of {string.Join(", ", Engines.Keys)}.");

    /// <summary>What a connection string looks like.</summary>
    public static string Example(string store) => Engines[store].Example;

    /// <exception cref="SettingException">The engine cannot read the connection string.</exception>
    public static IWebhooksBuilder UseStore(this IWebhooksBuilder builder, QuickStartSettings settings)
    {
        try
        {
            return Engines[settings.Store].Use(builder, settings.ConnectionString);
        }
        catch (ArgumentException exception)
        {
            // Drivers say what they do not understand, but not where it was written.
            throw new SettingException(
                $"ConnectionStrings:Webhooks is no connection string for {settings.Store}, which looks like \"{Example(settings.Store)}\": {exception.Message}");
        }
    }
}
