using System.Data.Common;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using Webhooks.Embedded.Storage;
using Webhooks.Embedded.Storage.Migrations;

namespace Webhooks.Embedded.Sqlite.Tests;

/// <summary>A real store that tells which statements it was sent: those of commands as they are executed, and those that the writer keeps prepared.</summary>
internal sealed class RecordedDialect(SqlDialect inner, Action<string> record) : SqlDialect
{
    public override string Engine => inner.Engine;

    public override WebhookTables Tables => inner.Tables;

    public override string Location => inner.Location;

    public override IReadOnlyList<Migration> Migrations => inner.Migrations;

    public override string FindMigrationsTable => inner.FindMigrationsTable;

    public override string CurrentTime => inner.CurrentTime;

    public override Task PrepareAsync(CancellationToken cancellationToken) => inner.PrepareAsync(cancellationToken);

    public override async ValueTask<DbConnection> OpenAsync(CancellationToken cancellationToken) =>
        new RecordedConnection(await inner.OpenAsync(cancellationToken), record);

    public override async ValueTask<WriteScope> BeginWriteAsync(CancellationToken cancellationToken)
    {
        var scope = await inner.BeginWriteAsync(cancellationToken);
        ((SqliteConnection)scope.Connection).Handle!.enable_sqlite3_next_stmt(true);
        return new RecordedScope(scope, record);
    }

    public override async Task WriteAsync(StoreBatch batch, CancellationToken cancellationToken)
    {
        await inner.WriteAsync(batch, cancellationToken);
        await RecordPreparedAsync(cancellationToken);
    }

    public override async Task<ClaimResult> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken)
    {
        var result = await inner.ClaimAsync(request, cancellationToken);
        await RecordPreparedAsync(cancellationToken);
        return result;
    }

    public override Task InsertAsync(NewEvent newEvent, long now, DbTransaction transaction, CancellationToken cancellationToken) =>
        inner.InsertAsync(newEvent, now, transaction, cancellationToken);

    public override bool IsTransient(Exception exception) => inner.IsTransient(exception);

    public override object ToColumn(Guid uid) => inner.ToColumn(uid);

    public override ValueTask DisposeAsync() => inner.DisposeAsync();

    private async Task RecordPreparedAsync(CancellationToken cancellationToken)
    {
        await using var scope = await inner.BeginWriteAsync(cancellationToken);
        var handle = ((SqliteConnection)scope.Connection).Handle!;
        var prepared = new List<string>();
        for (var statement = raw.sqlite3_next_stmt(handle, null); statement is not null && !statement.IsInvalid; statement = raw.sqlite3_next_stmt(handle, statement))
        {
            prepared.Add(raw.sqlite3_sql(statement).utf8_to_string());
        }

        // The newest comes first.
        prepared.Reverse();
        prepared.Where(sql => !IsOfTransaction(sql)).ToList().ForEach(record);
    }

    private static bool IsOfTransaction(string sql) =>
        sql.StartsWith("BEGIN", StringComparison.OrdinalIgnoreCase) || sql.StartsWith("COMMIT", StringComparison.OrdinalIgnoreCase);

    private sealed class RecordedScope(WriteScope inner, Action<string> record) : WriteScope
    {
        public override DbConnection Connection { get; } = new RecordedConnection(inner.Connection, record);

        public override DbTransaction Transaction => inner.Transaction;

        public override Task CommitAsync(CancellationToken cancellationToken) => inner.CommitAsync(cancellationToken);

        public override ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
