using System.Data;
using System.Data.Common;
using System.Diagnostics;
using Dapper;
using Npgsql;
using Webhooks.Embedded.Storage;
using Webhooks.Embedded.Storage.Migrations;

namespace Webhooks.Embedded.PostgreSql;

/// <summary>PostgreSQL as a store that any number of nodes share. The writer and the claims use the database's default isolation, which must be READ COMMITTED.</summary>
internal sealed class PostgreSqlDialect(PostgreSqlConnections connections, WebhookTables tables) : SqlDialect
{
    private const int SchemaLockSeconds = 30;
    private const string EndWhenStalled = "select set_config('idle_in_transaction_session_timeout', '5s', true)";

    private readonly PostgreSqlBatch _batch = new(connections, tables);
    private readonly PostgreSqlClaim _claim = new(connections, tables);

    public override string Engine => "PostgreSQL";

    public override WebhookTables Tables => tables;

    public override string Location => connections.Location;

    public override IReadOnlyList<Migration> Migrations { get; } = Migration.Of(typeof(PostgreSqlDialect).Assembly, tables);

    // Looked for first: "if not exists" asks for the right to create also where nothing is to be created.
    public override string CreateMigrationsTable =>
        $"""
        do $$
        begin
            {(tables.Schema is null ? "" : $"if to_regnamespace('{tables.Schema}') is null then create schema {tables.Schema}; end if;")}
            if to_regclass('{tables.Migrations}') is null then
                create table {tables.Migrations}
                    (version int not null primary key, name varchar(100) not null, compatible_from int not null, applied_at bigint not null);
            end if;
        end $$
        """;

    public override string FindMigrationsTable => $"select count(*) from (select to_regclass('{tables.Migrations}') as found) t where t.found is not null";

    public override string CurrentTime => PostgreSqlClaim.Clock;

    public override async ValueTask<DbConnection> OpenAsync(CancellationToken cancellationToken) => await connections.OpenAsync(cancellationToken);

    public override async ValueTask<WriteScope> BeginWriteAsync(CancellationToken cancellationToken)
    {
        var connection = await connections.OpenAsync(cancellationToken);
        try
        {
            var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);

            // All nodes need the rows that are locked here. One that stops between two statements, with its machine paused or its network cut,
            // must not keep them: the server ends its transaction, before those that wait give up.
            await using var command = new NpgsqlCommand(EndWhenStalled, connection, transaction);
            await command.ExecuteNonQueryAsync(cancellationToken);
            return new PostgreSqlScope(connection, transaction);
        }
        catch
        {
            // The caller gets no scope to dispose.
            await connection.DisposeAsync();
            throw;
        }
    }

    public override async Task LockSchemaAsync(WriteScope scope, CancellationToken cancellationToken)
    {
        // The lock goes with the transaction, so a node that dies in a migration does not keep it. It works behind pgbouncer, too.
        const string sql =
            """
            select set_config('lock_timeout', @Timeout, true);
            select pg_advisory_xact_lock(hashtextextended(@Key, 0));
            """;
        var parameters = new { Timeout = $"{SchemaLockSeconds}s", Key = $"Webhooks.Embedded {tables.Migrations}" };
        try
        {
            await scope.Connection.ExecuteAsync(new CommandDefinition(
                sql, parameters, scope.Transaction, commandTimeout: SchemaLockSeconds + 10, cancellationToken: cancellationToken));
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            // Said in words that name what is waited for.
            throw new WebhookStoreException(
                $"Another node has been bringing the schema of {Location} up to date for more than {SchemaLockSeconds} seconds. It is tried again.",
                exception,
                isTransient: true);
        }
    }

    public override async Task<ClockReading?> ReadClockAsync(CancellationToken cancellationToken)
    {
        await using var connection = await connections.OpenAsync(cancellationToken);
        var asked = Stopwatch.GetTimestamp();
        var storeTime = await connection.ExecuteScalarAsync<long>(new CommandDefinition($"select {PostgreSqlClaim.Clock}", cancellationToken: cancellationToken));
        return new ClockReading(storeTime, asked, Stopwatch.GetTimestamp());
    }

    public override Task WriteAsync(StoreBatch batch, CancellationToken cancellationToken) => _batch.WriteAsync(batch, cancellationToken);

    public override async Task InsertAsync(NewEvent newEvent, long now, DbTransaction transaction, CancellationToken cancellationToken)
    {
        if (transaction is not NpgsqlTransaction own)
        {
            throw new ArgumentException(
                $"The store is PostgreSQL, and the transaction is a {transaction.GetType().Name}: publish with an NpgsqlTransaction on the store's database.",
                nameof(transaction));
        }

        CheckIsOfThisStore(own.Connection!);
        await _batch.InsertAsync(own, newEvent, now, cancellationToken);
    }

    public override Task<ClaimResult> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken) => _claim.ClaimAsync(request, cancellationToken);

    public override bool IsTransient(Exception exception) => PostgreSqlFaults.IsTransient(exception);

    public override bool IsBlocked(Exception exception) => exception is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable };

    public override ValueTask DisposeAsync() => connections.DisposeAsync();

    // Before anything is sent. Two databases of the same name on two servers are told apart by the publisher, by the version of the webhooks.
    private void CheckIsOfThisStore(NpgsqlConnection connection)
    {
        if (!string.Equals(connection.Database, connections.Database, StringComparison.Ordinal))
        {
            throw new ArgumentException(
                $"The transaction is on the database '{connection.Database}', and the store is '{connections.Database}' ({Location}). "
                + "An event can only be published in a transaction on the store's own database.",
                nameof(connection));
        }
    }
}
