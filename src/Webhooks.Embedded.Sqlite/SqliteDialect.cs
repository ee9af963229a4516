using System.Data.Common;
using Microsoft.Data.Sqlite;
using Webhooks.Embedded.Storage;
using Webhooks.Embedded.Storage.Migrations;

namespace Webhooks.Embedded.Sqlite;

/// <summary>SQLite as a store: WAL, full synchronisation, one writer connection for all of the process, readers beside it.</summary>
internal sealed class SqliteDialect(SqliteFile file, WebhookTables tables) : SqlDialect
{
    private readonly SqliteWriter _writer = new(file, tables);
    private readonly SqliteCallersTransaction _callersTransaction = new(file, tables);

    public override string Engine => "SQLite";

    public override WebhookTables Tables => tables;

    public override string Location => file.Path;

    public override IReadOnlyList<Migration> Migrations { get; } = Migration.Of(typeof(SqliteDialect).Assembly, tables);

    public override bool HasOneWriter => true;

    public override string FindMigrationsTable => $"select count(*) from sqlite_master where type = 'table' and name = '{tables.Migrations}' collate nocase";

    public override string BeginScript => "begin immediate;";

    public override string CurrentTime => "cast((julianday('now') - 2440587.5) * 86400000 as integer)";

    public override Task PrepareAsync(CancellationToken cancellationToken)
    {
        file.Lock();
        return Task.CompletedTask;
    }

    public override async ValueTask<DbConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = new SqliteConnection(file.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    public override async ValueTask<WriteScope> BeginWriteAsync(CancellationToken cancellationToken) =>
        await _writer.BeginAsync(cancellationToken);

    public override Task WriteAsync(StoreBatch batch, CancellationToken cancellationToken) =>
        _writer.RunAsync(
            statements =>
            {
                statements.Write(batch);
                return true;
            },
            cancellationToken);

    public override Task InsertAsync(NewEvent newEvent, long now, DbTransaction transaction, CancellationToken cancellationToken) =>
        _callersTransaction.InsertAsync(newEvent, now, transaction, cancellationToken);

    public override Task<ClaimResult> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken) =>
        _writer.RunAsync(statements => statements.Claim(request), cancellationToken);

    public override bool IsTransient(Exception exception) =>
        exception is SqliteException fault && SqliteWriter.IsTransient(fault);

    public override object ToColumn(Guid uid) => uid.ToString();

    public override async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();

        // Readers' connections are pooled, and would hold the file.
        await using (var reader = new SqliteConnection(file.ConnectionString))
        {
            SqliteConnection.ClearPool(reader);
        }

        file.Dispose();
    }
}
