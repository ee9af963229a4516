using Npgsql;

namespace Webhooks.Embedded.EndToEndTests.SeveralNodes;

/// <summary>A lock that makes a node wait exactly where the test wants it. The product has no hooks for that and needs none.</summary>
internal sealed class HeldLock : IAsyncDisposable
{
    private readonly SharedStore _store;
    private readonly NpgsqlConnection _connection;

    private HeldLock(SharedStore store, NpgsqlConnection connection)
    {
        _store = store;
        _connection = connection;
    }

    public static async Task<HeldLock> TakeAsync(SharedStore store, string sql)
    {
        var connection = await store.OpenAsync();
        await using var command = new NpgsqlCommand($"begin; {sql}", connection);
        await command.ExecuteNonQueryAsync();
        return new HeldLock(store, connection);
    }

    /// <summary>Waits until a connection of a node waits for this lock.</summary>
    /// <param name="node">The node; any but the test where null.</param>
    /// <returns>The node.</returns>
    public async Task<string> UntilWaitingAsync(string? node = null)
    {
        var waiting = "";
        await Until.TrueAsync(async () =>
        {
            waiting = await _store.ScalarAsync<string>(
                $"""
                select coalesce(min(application_name), '') from pg_stat_activity
                where datname = current_database() and wait_event_type = 'Lock' and {_connection.ProcessID} = any(pg_blocking_pids(pid))
                  and application_name {(node is null ? "<> 'test'" : $"= '{node}'")}
                """);
            return waiting.Length > 0;
        });
        return waiting;
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
