using System.Data.Common;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Webhooks.Embedded.StoreContract;

namespace Webhooks.Embedded.PostgreSql.Tests;

/// <summary>A schema of a test's own, and what the driver says it executed there.</summary>
public sealed class RecordedPostgreSqlStore : ITestStore, IStatementRecorder
{
    private readonly string _schema = $"test_{Guid.NewGuid():N}";
    private readonly StatementLogger _log = new();
    private NpgsqlDataSource? _source;

    public async Task UseAsync(IWebhooksBuilder builder)
    {
        var source = new NpgsqlDataSourceBuilder(await SharedPostgreSqlServer.DatabaseAsync());
        source.UseLoggerFactory(new OneLogger(_log));
        _source = source.Build();
        builder.UsePostgreSql(_source, options => options.Schema = _schema);
    }

    public async Task<DbConnection> OpenAsync() => await _source!.OpenConnectionAsync();

    public async Task DropAsync()
    {
        if (_source is not null)
        {
            await using (var connection = await _source.OpenConnectionAsync())
            {
                await connection.ExecuteAsync($"drop schema if exists {_schema} cascade");
            }

            await _source.DisposeAsync();
        }
    }

    public IReadOnlyList<string> TakeStatements() => [.. _log.Take().Select(sql => sql.Replace(_schema, "webhooks", StringComparison.Ordinal))];

    /// <summary>Keeps the statements of what the driver logs.</summary>
    private sealed class StatementLogger : ILogger
    {
        private readonly Lock _gate = new();
        private readonly List<string> _statements = [];

        public string[] Take()
        {
            lock (_gate)
            {
                string[] taken = [.. _statements];
                _statements.Clear();
                return taken;
            }
        }

        public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Information;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel != LogLevel.Information || state is not IEnumerable<KeyValuePair<string, object?>> values)
            {
                return;
            }

            lock (_gate)
            {
                foreach (var (name, value) in values)
                {
                    if (name == "CommandText")
                    {
                        _statements.Add((string)value!);
                    }
                    else if (name == "BatchCommands")
                    {
                        _statements.AddRange(((IEnumerable<object>)value!).Select(command => command.ToString()!));
                    }
                }
            }
        }
    }

    private sealed class OneLogger(ILogger logger) : ILoggerFactory
    {
        public ILogger CreateLogger(string categoryName) => logger;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }
    }
}
