using System.Data.Common;
using System.Diagnostics;
using Dapper;
using Microsoft.Data.SqlClient;
using Webhooks.Embedded.Storage;
using Webhooks.Embedded.Storage.Migrations;

namespace Webhooks.Embedded.SqlServer;

/// <summary>SQL Server as a store that several nodes share.</summary>
internal sealed class SqlServerDialect : SqlDialect
{
    private const int SchemaLockSeconds = 30;

    private readonly SqlServerSource _source;
    private readonly SqlServerBatch _batch;
    private readonly SqlServerClaim _claim;
    private readonly SqlServerPublication _publication;

    public SqlServerDialect(SqlServerSource source, WebhookTables tables)
    {
        var types = new SqlServerTypes(tables);
        _source = source;
        _batch = new SqlServerBatch(source, types, new SqlServerStatements(tables));
        _claim = new SqlServerClaim(source, types, tables);
        _publication = new SqlServerPublication(tables);
        Tables = tables;
        Migrations = Migration.Of(typeof(SqlServerDialect).Assembly, tables);
    }

    public override string Engine => "SQL Server";

    public override WebhookTables Tables { get; }

    public override string Location => _source.Location;

    public override IReadOnlyList<Migration> Migrations { get; }

    public override string CreateMigrationsTable =>
        $"""
        if schema_id(N'{Tables.Schema}') is null
            exec (N'create schema {Tables.Schema}');
        if object_id(N'{Tables.Migrations}', N'U') is null
            create table {Tables.Migrations}
                (version int not null primary key, name nvarchar(100) not null, compatible_from int not null, applied_at bigint not null);
        """;

    public override string FindMigrationsTable => $"select count(*) from sys.tables where object_id = object_id(N'{Tables.Migrations}', N'U')";

    public override string BeginScript => "set xact_abort on; begin transaction;";

    public override string CurrentTime => SqlServerClaim.Clock;

    public override string Page => "offset @Offset rows fetch next @Limit rows only";

    public override string InsertWithId(string table, string insert) =>
        $"set identity_insert {table} on; {insert}; set identity_insert {table} off;";

    public override async ValueTask<DbConnection> OpenAsync(CancellationToken cancellationToken) => await _source.OpenAsync(cancellationToken);

    public override async ValueTask<WriteScope> BeginWriteAsync(CancellationToken cancellationToken) =>
        await SqlServerScope.BeginAsync(_source, cancellationToken);

    public override async Task LockSchemaAsync(WriteScope scope, CancellationToken cancellationToken)
    {
        // Goes with the transaction, however it ends. The command waits a little longer than the lock.
        var result = await scope.Connection.ExecuteScalarAsync<int>(
            """
            declare @Result int;
            exec @Result = sp_getapplock @Resource = @Resource, @LockMode = 'Exclusive', @LockOwner = 'Transaction', @LockTimeout = @Timeout;
            select @Result;
            """,
            new { Resource = $"schema of {Tables.Migrations}", Timeout = SchemaLockSeconds * 1000 },
            scope.Transaction,
            commandTimeout: SchemaLockSeconds + 10);
        if (result < 0)
        {
            throw new WebhookStoreException(
                $"The schema of the store {Location} is being changed by another node, for more than {SchemaLockSeconds} s (sp_getapplock: {result}). "
                + "Nothing was changed; it is tried again at the next use.",
                isTransient: true);
        }
    }

    public override async Task<ClockReading?> ReadClockAsync(CancellationToken cancellationToken)
    {
        await using var connection = await _source.OpenAsync(cancellationToken);
        var asked = Stopwatch.GetTimestamp();
        var storeTime = await connection.ExecuteScalarAsync<long>(
            new CommandDefinition($"select {SqlServerClaim.Clock}", cancellationToken: cancellationToken));
        return new ClockReading(storeTime, asked, Stopwatch.GetTimestamp());
    }

    public override Task WriteAsync(StoreBatch batch, CancellationToken cancellationToken) => _batch.WriteAsync(batch, cancellationToken);

    public override async Task InsertAsync(NewEvent newEvent, long now, DbTransaction transaction, CancellationToken cancellationToken)
    {
        if (transaction is not SqlTransaction { Connection: { } connection } own)
        {
            throw new ArgumentException(
                transaction is SqlTransaction
                    ? "The transaction has ended: it was committed or rolled back."
                    : $"The transaction is a {transaction.GetType().FullName}, but the webhooks are in {Engine}, {Location}: it takes a {typeof(SqlTransaction).FullName}.",
                nameof(transaction));
        }

        var database = await _source.DatabaseAsync(cancellationToken);
        if (!string.Equals(connection.Database, database, StringComparison.OrdinalIgnoreCase))
        {
            throw new ArgumentException(
                $"The transaction is of the database {connection.Database}, but the webhooks are in {database}: they cannot be committed together.",
                nameof(transaction));
        }

        await _publication.InsertAsync(newEvent, now, own, cancellationToken);
    }

    public override async Task<ClaimResult> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await _claim.ClaimAsync(request, cancellationToken);
        }
        catch (SqlException exception) when (cancellationToken.IsCancellationRequested)
        {
            // The driver's word for a command that was cancelled.
            throw new OperationCanceledException("The claim was cancelled.", exception, cancellationToken);
        }
    }

    public override bool IsTransient(Exception exception) =>
        exception is SqlException fault && SqlServerFaults.IsTransient(fault);

    public override bool IsBlocked(Exception exception) => exception is SqlException fault && SqlServerFaults.IsBlocked(fault);

    // The pools of connections are the driver's, and shared with whoever uses the same connection string.
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
