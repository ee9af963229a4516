using System.Data.Common;

namespace QuickStart;

/// <summary>What can be set beside the options of the library.</summary>
/// <param name="Store">Where the data is kept, one of <see cref="Stores"/>.</param>
/// <param name="ConnectionString">How to connect to it.</param>
/// <param name="Dispatches">Whether this node delivers; otherwise it publishes and manages, and another node delivers.</param>
/// <param name="ApiKey">Who shows this key may use the admin API and the vendor-shaped ones.</param>
/// <param name="Keys">The directory of the keys that secrets are encrypted with. All nodes of a store need the same one.</param>
internal sealed record QuickStartSettings(string Store, string ConnectionString, bool Dispatches, string ApiKey, string Keys)
{
    private static readonly string[] ShownOfConnection = ["Data Source", "Server", "Host", "Port", "Database", "Initial Catalog"];

    /// <summary>Where the data is kept, for people: without the user and the password.</summary>
    public string Location
    {
        get
        {
            var connection = new DbConnectionStringBuilder { ConnectionString = ConnectionString };
            var shown = ShownOfConnection.Where(connection.ContainsKey).Select(name => $"{name}={connection[name]}");
            return $"{Store} ({string.Join("; ", shown)})";
        }
    }

    /// <exception cref="SettingException">A setting is missing or makes no sense.</exception>
    public static QuickStartSettings Read(IConfiguration configuration)
    {
        var store = Stores.Known(configuration["QuickStart:Store"] ?? Stores.Sqlite);
        var dispatches = configuration["QuickStart:Dispatcher"] ?? bool.TrueString;
        return new(
            store,
            configuration.GetConnectionString("Webhooks") ?? Default(store),
            bool.TryParse(dispatches, out var isDispatching)
                ? isDispatching
                : throw new SettingException($"QuickStart:Dispatcher is '{dispatches}'. It can be true or false."),
            configuration["QuickStart:ApiKey"] ?? "demo-key",
            configuration["QuickStart:Keys"] ?? Path.Combine(Home(), "keys"));
    }

    private static string Default(string store) => store == Stores.Sqlite
        ? $"Data Source={Path.Combine(Home(), "quickstart.db")}"
        : throw new SettingException(
            $"QuickStart:Store is {store}, but there is no connection string. Add --ConnectionStrings:Webhooks \"{Stores.Example(store)}\".");

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

/// <summary>A setting is missing or makes no sense.</summary>
/// <param name="message">Which one, and what would make sense.</param>
internal sealed class SettingException(string message) : Exception(message);
