using System.Collections.Concurrent;
using System.Data.Common;
using Webhooks.Embedded.Storage;
using Webhooks.Embedded.Storage.Migrations;

namespace Webhooks.Embedded.Sqlite.Tests;

/// <summary>A real store that counts what it is asked for.</summary>
internal sealed class CountedDialect(SqlDialect inner) : SqlDialect
{
    private int _claims;
    private int _others;
    private readonly ConcurrentDictionary<long, int> _released = new();

    public int Claims => Volatile.Read(ref _claims);

    /// <summary>Everything but claims.</summary>
    public int Others => Volatile.Read(ref _others);

    /// <summary>How many deliveries were given back.</summary>
    public int Released => _released.Values.Sum();

    /// <summary>How often at most one and the same delivery was given back.</summary>
    public int MostReleases => _released.Values.DefaultIfEmpty().Max();

    public override string Engine => inner.Engine;

    public override WebhookTables Tables => inner.Tables;

    public override string Location => inner.Location;

    public override IReadOnlyList<Migration> Migrations => inner.Migrations;

    public override string CreateMigrationsTable => inner.CreateMigrationsTable;

    public override string FindMigrationsTable => inner.FindMigrationsTable;

    public override string BeginScript => inner.BeginScript;

    public override string CurrentTime => inner.CurrentTime;

    public override Task PrepareAsync(CancellationToken cancellationToken) => inner.PrepareAsync(cancellationToken);

    public override ValueTask<DbConnection> OpenAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _others);
        return inner.OpenAsync(cancellationToken);
    }

    public override ValueTask<WriteScope> BeginWriteAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _others);
        return inner.BeginWriteAsync(cancellationToken);
    }

    public override Task WriteAsync(StoreBatch batch, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _others);
        foreach (var record in batch.Records.Where(record => record.Step == DeliveryStep.Release))
        {
            _released.AddOrUpdate(record.Delivery.Id, 1, (_, count) => count + 1);
        }

        return inner.WriteAsync(batch, cancellationToken);
    }

    public override async Task<ClaimResult> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken)
    {
        var result = await inner.ClaimAsync(request, cancellationToken);
        Interlocked.Increment(ref _claims);
        return result;
    }

    public override Task InsertAsync(NewEvent newEvent, long now, DbTransaction transaction, CancellationToken cancellationToken) =>
        inner.InsertAsync(newEvent, now, transaction, cancellationToken);

    public override bool IsTransient(Exception exception) => inner.IsTransient(exception);

    public override object ToColumn(Guid uid) => inner.ToColumn(uid);

    public override ValueTask DisposeAsync() => inner.DisposeAsync();
}
