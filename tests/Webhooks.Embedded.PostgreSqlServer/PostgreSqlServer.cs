using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Webhooks.Embedded;

/// <summary>
/// A PostgreSQL server of a test's own: a real one with a durable data directory, on a free port of the loopback, to be stopped, killed and
/// started again. It goes with the test's process.
/// </summary>
public sealed class PostgreSqlServer : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("webhooks-postgresql-").FullName;
    private PostgreSqlProcess? _process;

    private PostgreSqlServer()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public int Port { get; }

    /// <summary>What it has logged since it was last started.</summary>
    public string Log => _process?.Output ?? "";

    private string DataDirectory => Path.Combine(_directory, "data");

    /// <summary>Makes a cluster and starts it. Skips the test, with the reason, where PostgreSQL is not installed.</summary>
    public static async Task<PostgreSqlServer> CreateAsync()
    {
        var initdb = PostgreSqlBinaries.PathOf("initdb");
        var server = new PostgreSqlServer();
        try
        {
            await PostgreSqlProcess.OwnAsync(server._directory);
            await PostgreSqlProcess.RunAsync(
                initdb, "--pgdata", server.DataDirectory, "--username", "postgres", "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync");
            await server.StartAsync();
            return server;
        }
        catch
        {
            // Nobody else will.
            await server.DisposeAsync();
            throw;
        }
    }

    public string ConnectionString(string database = "postgres") =>
        $"Host=127.0.0.1;Port={Port.ToString(CultureInfo.InvariantCulture)};Username=postgres;Database={database}";

    /// <summary>Starts it, on the same data and port as before, and waits until it answers.</summary>
    public async Task StartAsync()
    {
        _process = await PostgreSqlProcess.StartAsync(
            PostgreSqlBinaries.PathOf("postgres"),
            "-D", DataDirectory, "-p", Port.ToString(CultureInfo.InvariantCulture),
            "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=on", "-c", "max_connections=200");
        while (!await AnswersAsync())
        {
            Assert.False(_process.HasExited, $"PostgreSQL did not start:\n{_process.Output}");
            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }
    }

    /// <summary>Stops it.</summary>
    /// <param name="immediate">As in a crash: nothing is written, and the next start recovers. Otherwise connections are ended first.</param>
    public async Task StopAsync(bool immediate = false)
    {
        if (_process is { HasExited: false } process)
        {
            await PostgreSqlProcess.RunAsync(
                PostgreSqlBinaries.PathOf("pg_ctl"), "stop", "-D", DataDirectory, "-m", immediate ? "immediate" : "fast");
            await process.WaitForExitAsync();
        }
    }

    /// <summary>Makes an empty database and returns how to connect to it.</summary>
    public async Task<string> CreateDatabaseAsync(string name)
    {
        await ExecuteAsync($"create database {name}");
        return ConnectionString(name);
    }

    /// <summary>Ends all connections of clients, in the middle of whatever they do.</summary>
    public Task TerminateConnectionsAsync() =>
        ExecuteAsync("select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()");

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await StopAsync(immediate: true);
        }

        Directory.Delete(_directory, recursive: true);
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = await OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            await using var connection = await OpenAsync();
            return true;
        }
        catch (NpgsqlException)
        {
            // It does not listen yet, or recovers.
            return false;
        }
    }

    private async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(ConnectionString() + ";Pooling=false;Timeout=5");
        try
        {
            await connection.OpenAsync();
            return connection;
        }
        catch
        {
            // The caller gets no connection to dispose.
            await connection.DisposeAsync();
            throw;
        }
    }
}
