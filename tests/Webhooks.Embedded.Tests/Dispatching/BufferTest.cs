using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Webhooks.Embedded.Dispatching;
using Webhooks.Embedded.Storage;
using Webhooks.Embedded.StoreContract;

namespace Webhooks.Embedded.Tests.Dispatching;

/// <summary>A buffer, a clock that stands still, and a test that does what dispatcher and receivers do.</summary>
public abstract class BufferTest : IDisposable
{
    protected static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(10);

    private protected BufferTest()
    {
        Clock = new StoreClock(Time, NullLogger<StoreClock>.Instance);
        Signal = new DispatchSignal(Clock);
        Breakers = new WebhookBreakers(Clock);
        Directory = new WebhookDirectory(null!);
    }

    protected ManualTime Time { get; } = new();

    private protected StoreClock Clock { get; }

    private protected DispatchSignal Signal { get; }

    private protected WebhookBreakers Breakers { get; }

    private protected WebhookDirectory Directory { get; }

    /// <summary>How many workers were started.</summary>
    protected int Workers { get; private set; }

    public void Dispose()
    {
        Signal.Dispose();
        Directory.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected DeliveryBuffer Buffer(int concurrency, int perWebhook, bool open = true, int? perTenant = null)
    {
        var options = new WebhooksOptions { Concurrency = concurrency, ConcurrencyPerWebhook = perWebhook, ConcurrencyPerTenant = perTenant };
        var buffer = new DeliveryBuffer(Signal, Directory, Breakers, Clock, Options.Create(options));
        if (open)
        {
            buffer.Open(() => Workers++);
        }

        return buffer;
    }

    private protected void Know(params KnownWebhook[] webhooks) =>
        Directory.Remember(new WebhookSnapshot(store: 1, Directory.Current.Version + 1, webhooks));

    private protected static KnownWebhook Webhook(long id, string tenant = "", int? rateLimit = null) => new()
    {
        Id = id,
        Tenant = tenant,
        Url = new Uri("https://example.com"),
        UrlNumber = 1,
        Patterns = ["*"],
        Target = null,
        Filters = [],
        SignatureProfile = null,
        Enabled = true,
        VerifyTls = true,
        Timeout = null,
        RetryDelays = null,
        RateLimit = rateLimit,
        Secrets = [],
        Headers = [],
    };

    private protected LeasedDelivery Delivery(long webhookId, long id = 1, int payloadBytes = 2) => new()
    {
        Id = id,
        EventId = 1,
        EventUid = Guid.Empty,
        Trigger = "a",
        Payload = new byte[payloadBytes],
        WebhookId = webhookId,
        CreatedAt = 0,
        LeaseSequence = 1,
        Claims = 1,
        Attempts = 0,
        ClaimedTimestamp = Time.GetTimestamp(),
    };

    private protected void Claim(DeliveryBuffer buffer, long webhookId, int count = 1)
    {
        for (var i = 0; i < count; i++)
        {
            buffer.Add(Delivery(webhookId));
        }
    }

    private protected void HandOver(DeliveryBuffer buffer, long webhookId)
    {
        Assert.True(buffer.TryReserve(webhookId, 2));
        buffer.Accept(Delivery(webhookId));
    }

    private protected static List<BegunAttempt> TakeAll(DeliveryBuffer buffer)
    {
        var taken = new List<BegunAttempt>();
        while (buffer.TryTake(out var begun))
        {
            taken.Add(begun);
        }

        return taken;
    }

    private protected static void End(DeliveryBuffer buffer, BegunAttempt begun, bool? quickly = true)
    {
        begun.Delivery.AnsweredQuickly = quickly;
        buffer.Done(begun);
    }

    private protected static void EndAll(DeliveryBuffer buffer, IEnumerable<BegunAttempt> begun, bool? quickly = true)
    {
        foreach (var attempt in begun)
        {
            End(buffer, attempt, quickly);
        }
    }

    /// <summary>Lets these webhooks answer quickly, so that they are trusted from now on.</summary>
    private protected void Trust(DeliveryBuffer buffer, params IEnumerable<long> webhookIds)
    {
        foreach (var id in webhookIds)
        {
            Claim(buffer, id);
            End(buffer, Assert.Single(TakeAll(buffer)));
        }
    }

    /// <summary>Lets a webhook answer quickly while more waits, until it may have its whole share under way.</summary>
    private protected void TrustFully(DeliveryBuffer buffer, long webhookId, int perWebhook)
    {
        Claim(buffer, webhookId, count: 4 * perWebhook * perWebhook);
        while (TakeAll(buffer) is { Count: > 0 } begun)
        {
            EndAll(buffer, begun);
        }
    }

    /// <summary>Lets webhooks answer after this time, so that their pace is known, and each may have its whole share under way.</summary>
    private protected void Answer(DeliveryBuffer buffer, TimeSpan after, int perWebhook, params IEnumerable<long> webhookIds)
    {
        foreach (var id in webhookIds)
        {
            Claim(buffer, id, count: 2 * perWebhook);
            while (TakeAll(buffer) is { Count: > 0 } begun)
            {
                Time.Advance(after);
                EndAll(buffer, begun);
            }
        }
    }

    /// <summary>Whether the dispatcher was woken since it was last asked.</summary>
    private protected async Task<bool> IsAwakeAsync()
    {
        using var impatience = new CancellationTokenSource();
        var awake = Signal.WaitAsync(impatience.Token);
        await impatience.CancelAsync();
        try
        {
            await awake;
            return true;
        }
        catch (OperationCanceledException)
        {
            // Nobody has woken it.
            return false;
        }
    }

    private protected static Dictionary<long, int> ByWebhook(IEnumerable<BegunAttempt> begun) =>
        begun.CountBy(attempt => attempt.Delivery.WebhookId).ToDictionary();

    private protected static IEnumerable<long> Ids(int from, int count) => Enumerable.Range(from, count).Select(id => (long)id);
}
