using Npgsql;

namespace Webhooks.Embedded.EndToEndTests.SeveralNodes;

/// <summary>An empty database that nodes share, and what a database administrator can do to them.</summary>
internal sealed class SharedStore
{
    private static int _databases;

    private SharedStore(PostgreSqlServer server, string name, string connectionString)
    {
        Server = server;
        Name = name;
        ConnectionString = connectionString;
    }

    public PostgreSqlServer Server { get; }

    public string Name { get; }

    public string ConnectionString { get; }

    public static async Task<SharedStore> CreateAsync()
    {
        var server = await CommonServer.GetAsync();
        var name = $"nodes{Interlocked.Increment(ref _databases)}";
        return new SharedStore(server, name, await server.CreateDatabaseAsync(name));
    }

    /// <summary>The connection string of a node, whose connections can be told by its name.</summary>
    /// <param name="node">The node.</param>
    /// <param name="port">Where it connects to instead of the server.</param>
    public string ConnectionStringOf(string node, int? port = null) =>
        new NpgsqlConnectionStringBuilder(ConnectionString) { ApplicationName = node, Port = port ?? Server.Port }.ConnectionString;

    /// <summary>A connection of the test's own.</summary>
    public async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection($"{ConnectionString};Pooling=false;Application Name=test");
        await connection.OpenAsync();
        return connection;
    }

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var connection = await OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var connection = await OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Ends the connections of a node, so that nothing of what it had begun goes on without it.</summary>
    public async Task EndConnectionsAsync(string node)
    {
        var ofNode = $"from pg_stat_activity where application_name = '{node}' and datname = current_database()";
        await ExecuteAsync($"select pg_terminate_backend(pid) {ofNode}");
        await Until.TrueAsync(async () => await ScalarAsync<long>($"select count(*) {ofNode}") == 0);
    }

    /// <summary>Holds a lock in a transaction of the test's own until it is disposed.</summary>
    public Task<HeldLock> HoldAsync(string sql) => HeldLock.TakeAsync(this, sql);
}
