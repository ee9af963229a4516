namespace Webhooks.Embedded;

/// <summary>
/// The one server that all tests of an assembly share: the one that WEBHOOKS_TEST_POSTGRES names, or else one of the assembly's own. Register it with
/// <c>[assembly: AssemblyFixture(typeof(SharedPostgreSqlServer))]</c>, so that it is taken down at the end.
/// </summary>
public sealed class SharedPostgreSqlServer : IAsyncDisposable
{
    private static readonly Lazy<Task<PostgreSqlServer>> Own = new(PostgreSqlServer.CreateAsync);
    private static readonly Lazy<Task<string>> Database = new(CreateDatabaseAsync);

    /// <summary>The connection string of a database that the tests share, each with names of its own in it. Skips the test where there is no PostgreSQL.</summary>
    public static Task<string> DatabaseAsync() => Database.Value;

    public async ValueTask DisposeAsync()
    {
        if (Own is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
        {
            await (await Own.Value).DisposeAsync();
        }
    }

    private static async Task<string> CreateDatabaseAsync() =>
        Environment.GetEnvironmentVariable("WEBHOOKS_TEST_POSTGRES") is { Length: > 0 } named
            ? named
            : await (await Own.Value).CreateDatabaseAsync("webhooks");
}
