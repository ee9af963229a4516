using System.Data.Common;
using Webhooks.Embedded.Storage;
using Webhooks.Embedded.Storage.Migrations;

namespace Webhooks.Embedded.Sqlite.Tests;

/// <summary>A real store, and something that happens right after a claim.</summary>
internal sealed class DialectAfterClaim(SqlDialect inner, Func<Task> afterClaim) : SqlDialect
{
    public override string Engine => inner.Engine;

    public override WebhookTables Tables => inner.Tables;

    public override string Location => inner.Location;

    public override IReadOnlyList<Migration> Migrations => inner.Migrations;

    public override string CreateMigrationsTable => inner.CreateMigrationsTable;

    public override string FindMigrationsTable => inner.FindMigrationsTable;

    public override string BeginScript => inner.BeginScript;

    public override string CurrentTime => inner.CurrentTime;

    public override Task PrepareAsync(CancellationToken cancellationToken) => inner.PrepareAsync(cancellationToken);

    public override ValueTask<DbConnection> OpenAsync(CancellationToken cancellationToken) => inner.OpenAsync(cancellationToken);

    public override ValueTask<WriteScope> BeginWriteAsync(CancellationToken cancellationToken) => inner.BeginWriteAsync(cancellationToken);

    public override Task WriteAsync(StoreBatch batch, CancellationToken cancellationToken) => inner.WriteAsync(batch, cancellationToken);

    public override async Task<ClaimResult> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken)
    {
        var result = await inner.ClaimAsync(request, cancellationToken);
        await afterClaim();
        return result;
    }

    public override Task InsertAsync(NewEvent newEvent, long now, DbTransaction transaction, CancellationToken cancellationToken) =>
        inner.InsertAsync(newEvent, now, transaction, cancellationToken);

    public override bool IsTransient(Exception exception) => inner.IsTransient(exception);

    public override object ToColumn(Guid uid) => inner.ToColumn(uid);

    public override ValueTask DisposeAsync() => inner.DisposeAsync();
}
