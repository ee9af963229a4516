using System.Data.Common;
using Webhooks.Embedded.Storage;
using Webhooks.Embedded.Storage.Migrations;

namespace Webhooks.Embedded.Tests.Storage;

/// <summary>A store that only remembers which batches it was given, and fails when told to. Real stores are tested by the store contract.</summary>
internal sealed class FakeDialect : SqlDialect
{
    private readonly SemaphoreSlim _gate = new(0);
    private volatile bool _isHeld;

    public List<int> BatchSizes { get; } = [];

    public List<DeliveryRecord> Recorded { get; } = [];

    /// <summary>Throws what this returns for a batch; null lets it through.</summary>
    public Func<StoreBatch, Exception?> Fails { get; set; } = _ => null;

    /// <summary>What the store does to an event that it has stored.</summary>
    public Action<NewEvent> OnStored { get; set; } = _ => { };

    public int Tries { get; private set; }

    public override string Engine => "Fake";

    public override WebhookTables Tables { get; } = new("");

    public override string Location => "nowhere";

    public override IReadOnlyList<Migration> Migrations => [];

    public override string FindMigrationsTable => throw new NotSupportedException();

    public override string CurrentTime => throw new NotSupportedException();

    /// <summary>Makes the next write wait for <see cref="Release"/>.</summary>
    public void Hold() => _isHeld = true;

    public void Release()
    {
        _isHeld = false;
        _gate.Release();
    }

    public override async Task WriteAsync(StoreBatch batch, CancellationToken cancellationToken)
    {
        Tries++;
        if (_isHeld)
        {
            await _gate.WaitAsync(cancellationToken);
        }

        if (Fails(batch) is { } failure)
        {
            throw failure;
        }

        BatchSizes.Add(batch.Events.Count + batch.Records.Count);
        foreach (var (newEvent, index) in batch.Events.Select((newEvent, index) => (newEvent, index)))
        {
            newEvent.Id = index + 1;
            newEvent.Result = NewEventResult.Stored;
            OnStored(newEvent);
        }

        foreach (var record in batch.Records)
        {
            record.LeaseHeld = true;
            Recorded.Add(record);
        }
    }

    public override bool IsTransient(Exception exception) => exception is TimeoutException;

    public override ValueTask<DbConnection> OpenAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public override ValueTask<WriteScope> BeginWriteAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public override Task InsertAsync(NewEvent newEvent, long now, DbTransaction transaction, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public override Task<ClaimResult> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public override ValueTask DisposeAsync()
    {
        _gate.Dispose();
        return ValueTask.CompletedTask;
    }
}
