using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Webhooks.Embedded.Storage;
using Webhooks.Embedded.Storage.Migrations;
using Webhooks.Embedded.Telemetry;
using Webhooks.Embedded.Tests.Egress;

namespace Webhooks.Embedded.Tests.Storage;

public sealed class StoreWriterTests : IAsyncDisposable
{
    private readonly FakeDialect _dialect = new();
    private readonly FakeHandover _handover = new();
    private readonly WebhookDatabase _database;
    private readonly StoreClock _clock;
    private readonly StoreWriter _writer;

    public StoreWriterTests()
    {
        // The real clock: the writer's pauses between tries are short, and nothing here asserts on time.
        var clock = new StoreClock(TimeProvider.System, NullLogger<StoreClock>.Instance);
        _database = new WebhookDatabase(_dialect, new MigrationRunner(_dialect, Options.Create(new WebhooksOptions { Migrations = WebhookMigrationMode.None }), NullLogger<MigrationRunner>.Instance), clock);
        _clock = clock;
        _writer = Writer(NullLogger<StoreWriter>.Instance);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        _database.Dispose();
    }

    [Fact]
    public async Task What_waits_while_a_commit_runs_goes_into_the_next_one_together()
    {
        _dialect.Hold();
        var first = _writer.WriteAsync(NewEvent(), Cancellation);
        await UntilAsync(() => _dialect.Tries == 1);
        var others = Enumerable.Range(0, 100).Select(_ => _writer.WriteAsync(NewEvent(), Cancellation)).ToArray();
        var records = Enumerable.Range(0, 20).Select(_ => _writer.RecordAsync(Record())).ToArray();

        _dialect.Release();
        await Task.WhenAll([first, .. others, .. records]);

        Assert.Equal([1, 120], _dialect.BatchSizes);
    }

    [Fact]
    public async Task A_logger_that_throws_keeps_nobody_waiting_for_ever()
    {
        await using var writer = Writer(new ThrowingLogger());
        _dialect.Fails = _ => new InvalidOperationException("refused");

        await Assert.ThrowsAsync<WebhookStoreException>(() => writer.WriteAsync(NewEvent(), Cancellation));

        _dialect.Fails = _ => null;
        var next = NewEvent();
        await writer.WriteAsync(next, Cancellation);
        Assert.Equal(NewEventResult.Stored, next.Result);
    }

    [Fact]
    public async Task A_caller_hears_nothing_before_its_own_commit()
    {
        _dialect.Hold();
        var write = _writer.WriteAsync(NewEvent(), Cancellation);
        await UntilAsync(() => _dialect.Tries == 1);

        Assert.False(write.IsCompleted);
        Assert.Empty(_handover.Accepted);

        _dialect.Release();
        await write;
        Assert.Single(_handover.Accepted);
    }

    [Fact]
    public async Task Deliveries_without_a_place_in_memory_are_stored_as_due_and_said_to_be()
    {
        _handover.Places = 1;
        var newEvent = NewEvent(webhooks: 3);

        await _writer.WriteAsync(newEvent, Cancellation);

        Assert.Equal([true, false, false], newEvent.Deliveries.Select(delivery => delivery.Leased));
        Assert.Single(_handover.Accepted);
        Assert.Equal(newEvent.Deliveries.Skip(1).Select(delivery => delivery.WebhookId), _handover.Behind);
    }

    [Fact]
    public async Task What_an_earlier_try_has_stored_is_handed_over_to_nobody_keeps_no_place_and_is_due()
    {
        _dialect.OnStored = newEvent => newEvent.Deliveries[0].Leased = false;

        await _writer.WriteAsync(NewEvent(webhooks: 2), Cancellation);

        Assert.Single(_handover.Accepted);
        Assert.Equal(0, _handover.Reserved);
        Assert.Single(_handover.Behind);
    }

    [Fact]
    public async Task A_passing_fault_is_tried_again_and_nobody_notices()
    {
        var faults = 2;
        var mayBeStored = new List<bool>();
        _dialect.Fails = batch =>
        {
            mayBeStored.Add(batch.MayBeStored);
            return faults-- > 0 ? new TimeoutException() : null;
        };

        await _writer.WriteAsync(NewEvent(), Cancellation);

        Assert.Equal([false, true, true], mayBeStored);
        Assert.Equal(0, _handover.Reserved);
    }

    [Fact]
    public async Task A_fault_that_lasts_is_told_to_the_caller_and_keeps_no_place()
    {
        _dialect.Fails = _ => new TimeoutException("away");

        var failed = await Assert.ThrowsAsync<WebhookStoreException>(() => _writer.WriteAsync(NewEvent(), Cancellation));

        Assert.True(failed.IsTransient);
        Assert.Contains("away", failed.Message, StringComparison.Ordinal);
        Assert.Equal(0, _handover.Reserved);
        Assert.Empty(_handover.Accepted);
    }

    [Fact]
    public async Task An_item_that_cannot_be_written_fails_alone()
    {
        _dialect.Hold();
        var first = _writer.WriteAsync(NewEvent(), Cancellation);
        await UntilAsync(() => _dialect.Tries == 1);
        var poison = NewEvent();
        _dialect.Fails = batch => batch.Events.Contains(poison) ? new InvalidOperationException("poison") : null;
        var good = Enumerable.Range(0, 10).Select(_ => _writer.WriteAsync(NewEvent(), Cancellation)).ToList();
        var bad = _writer.WriteAsync(poison, Cancellation);
        good.AddRange(Enumerable.Range(0, 10).Select(_ => _writer.WriteAsync(NewEvent(), Cancellation)));

        _dialect.Release();

        var failed = await Assert.ThrowsAsync<WebhookStoreException>(() => bad);
        Assert.False(failed.IsTransient);
        await Task.WhenAll([first, .. good]);
        Assert.Equal(21, _dialect.BatchSizes.Sum());
    }

    [Fact]
    public async Task Outcomes_are_kept_until_the_store_is_back()
    {
        var isAway = true;
        _dialect.Fails = _ => isAway ? new TimeoutException() : null;
        var record = Record();
        var recording = _writer.RecordAsync(record);
        await _writer.FlushAsync(Cancellation);
        Assert.False(recording.IsCompleted);

        isAway = false;

        await recording;
        Assert.Same(record, Assert.Single(_dialect.Recorded));
    }

    [Fact]
    public async Task That_the_store_is_away_is_said_once_however_often_it_is_tried_and_once_that_it_is_back()
    {
        using var log = new LogLines();
        await using var writer = Writer(new LoggerFactory([log]).CreateLogger<StoreWriter>());
        _dialect.Fails = _ => new TimeoutException("away");
        var recording = writer.RecordAsync(Record());
        await UntilAsync(() => _dialect.Tries > 9);

        _dialect.Fails = _ => null;
        await recording;
        await writer.WriteAsync(NewEvent(), Cancellation);

        Assert.Equal(["Error 3101 A batch could not be written to nowhere: 0 events, 1 outcomes, and what they say of their webhooks", "Information 3105 nowhere takes what is written again"], log.All);
    }

    [Fact]
    public async Task While_the_store_is_away_another_reason_is_said_and_each_time_what_cannot_be_written_for_its_own_sake()
    {
        using var log = new LogLines();
        await using var writer = Writer(new LoggerFactory([log]).CreateLogger<StoreWriter>());
        var said = new List<int>();
        foreach (var failure in new Exception[]
                 {
                     new TimeoutException("away"), new TimeoutException("away"), new TimeoutException("full"), new TimeoutException("full"),
                     new InvalidOperationException("poison"), new InvalidOperationException("poison"), new TimeoutException("full"),
                 })
        {
            _dialect.Fails = _ => failure;
            await Assert.ThrowsAsync<WebhookStoreException>(() => writer.WriteAsync(NewEvent(), Cancellation));
            said.Add(log.All.Count);
        }

        Assert.Equal([1, 1, 2, 2, 3, 4, 4], said);
    }

    [Fact]
    public async Task However_many_outcomes_wait_for_the_store_publishers_are_told_that_it_is_away()
    {
        _dialect.Fails = _ => new TimeoutException("away");
        var records = Enumerable.Range(0, 600).Select(_ => _writer.RecordAsync(Record())).ToArray();
        await _writer.FlushAsync(Cancellation).WaitAsync(TimeSpan.FromSeconds(20), Cancellation);

        await Assert.ThrowsAsync<WebhookStoreException>(
            () => _writer.WriteAsync(NewEvent(), Cancellation).WaitAsync(TimeSpan.FromSeconds(20), Cancellation));

        _dialect.Fails = _ => null;
        await Task.WhenAll(records);
        Assert.Equal(600, _dialect.Recorded.Count);
    }

    [Fact]
    public async Task A_fault_after_the_commit_does_not_stop_the_writer_and_what_is_stored_is_said_to_be()
    {
        _handover.Fault = new InvalidOperationException("a fault of ours");
        var newEvent = NewEvent();
        await _writer.WriteAsync(newEvent, Cancellation).WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
        Assert.Equal(NewEventResult.Stored, newEvent.Result);

        _handover.Fault = null;
        await _writer.WriteAsync(NewEvent(), Cancellation).WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
        Assert.Single(_handover.Accepted);
    }

    [Fact]
    public async Task Stopping_writes_what_was_taken_and_takes_nothing_more()
    {
        var writes = Enumerable.Range(0, 50).Select(_ => _writer.WriteAsync(NewEvent(), Cancellation)).ToArray();

        await _writer.DisposeAsync();

        await Task.WhenAll(writes);
        await Assert.ThrowsAsync<WebhookStoreException>(() => _writer.WriteAsync(NewEvent(), Cancellation));
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(1, Cancellation);
        }
    }

    private StoreWriter Writer(ILogger<StoreWriter> logger) =>
        new(_database, _clock, _handover, new RollUps(), Options.Create(new WebhooksOptions()), new WebhookMetrics(new Meters()), logger);

    private static NewEvent NewEvent(int webhooks = 1) => new()
    {
        Uid = Guid.NewGuid(),
        Trigger = "a",
        Tenant = "",
        Target = null,
        IdempotencyKey = null,
        Payload = "{}"u8.ToArray(),
        Deliveries = [.. Enumerable.Range(1, webhooks).Select(id => new NewDelivery(id))],
        CatalogueVersion = 1,
    };

    private static DeliveryRecord Record() => DeliveryRecord.Release(
        new LeasedDelivery
        {
            Id = 1,
            EventId = 1,
            EventUid = Guid.NewGuid(),
            Trigger = "a",
            Payload = default,
            WebhookId = 1,
            CreatedAt = 0,
            LeaseSequence = 1,
            Claims = 1,
            Attempts = 0,
            ClaimedTimestamp = TimeProvider.System.GetTimestamp(),
        },
        dueAt: 0);

    private sealed class FakeHandover : IHandover
    {
        public int Places { get; set; } = int.MaxValue;

        public int Reserved { get; private set; }

        public List<long> Behind { get; } = [];

        /// <summary>What taking a delivery throws.</summary>
        public Exception? Fault { get; set; }

        public List<LeasedDelivery> Accepted { get; } = [];

        public bool TryReserve(long webhookId, int payloadBytes)
        {
            if (Reserved >= Places)
            {
                return false;
            }

            Reserved++;
            return true;
        }

        public void Cancel(long webhookId, int payloadBytes) => Reserved--;

        public void Accept(LeasedDelivery delivery)
        {
            Reserved--;
            if (Fault is not null)
            {
                throw Fault;
            }

            Accepted.Add(delivery);
        }

        public void LeftBehind(long webhookId) => Behind.Add(webhookId);

        public void NotifyDue(long dueAt)
        {
            // Nothing of these tests is due later.
        }
    }

    private sealed class Meters : IMeterFactory
    {
        public Meter Create(MeterOptions options) => new(options);

        public void Dispose()
        {
            // The meters of a test live as long as the test.
        }
    }

    private sealed class ThrowingLogger : ILogger<StoreWriter>
    {
        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            throw new InvalidOperationException("The logger is broken.");

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;
    }
}
