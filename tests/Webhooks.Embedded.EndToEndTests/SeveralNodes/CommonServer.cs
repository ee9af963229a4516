namespace Webhooks.Embedded.EndToEndTests.SeveralNodes;

/// <summary>The PostgreSQL server of all scenarios, which stop and start it: one of their own, whatever server other tests use.</summary>
public sealed class CommonServer : IAsyncDisposable
{
    private static readonly Lazy<Task<PostgreSqlServer>> Server = new(PostgreSqlServer.CreateAsync);

    /// <summary>The server, made on first use. Skips the test where PostgreSQL is not installed.</summary>
    public static Task<PostgreSqlServer> GetAsync() => Server.Value;

    public async ValueTask DisposeAsync()
    {
        if (Server is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
        {
            await (await Server.Value).DisposeAsync();
        }
    }
}
