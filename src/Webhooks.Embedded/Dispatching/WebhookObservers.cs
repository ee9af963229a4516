using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Dispatching;

/// <summary>
/// Tells the app's observers, in order and beside delivering: what happens goes into a bounded queue in memory, and <see cref="ObserverService"/> takes it
/// from there. An observer that is slow or hangs keeps nobody waiting but the others.
/// </summary>
internal sealed partial class WebhookObservers(
    IEnumerable<IWebhookObserver> observers, WebhookDirectory webhooks, StoreClock clock, ILogger<WebhookObservers> logger)
{
    public const int MaxWaiting = 1000;

    private readonly IWebhookObserver[] _observers = [.. observers];
    private readonly Channel<Notice> _waiting = Channel.CreateBounded<Notice>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
    private readonly ILogger _logger = logger;

    private delegate Task Notice(IWebhookObserver observer, CancellationToken cancellationToken);

    public void Opened(WebhookCounters counters, WebhookBreaker breaker)
    {
        var opened = new WebhookBreakerOpened
        {
            WebhookId = counters.WebhookId,
            Tenant = TenantOf(counters.WebhookId),
            At = Now,
            Failures = counters.Failures,
            PausedUntil = StoredTime.Read(breaker.PausedUntil) ?? Now,
        };
        Tell((observer, cancellationToken) => observer.BreakerOpenedAsync(opened, cancellationToken), nameof(IWebhookObserver.BreakerOpenedAsync));
    }

    public void Recovered(long webhookId)
    {
        var recovered = new WebhookRecovered { WebhookId = webhookId, Tenant = TenantOf(webhookId), At = Now };
        Tell((observer, cancellationToken) => observer.RecoveredAsync(recovered, cancellationToken), nameof(IWebhookObserver.RecoveredAsync));
    }

    public void Warned(WebhookCounters counters, string? lastFailure, DateTimeOffset disabledAt)
    {
        var warning = new WebhookWarning
        {
            WebhookId = counters.WebhookId,
            Tenant = TenantOf(counters.WebhookId),
            At = Now,
            FailingSince = StoredTime.Read(counters.FailingSince) ?? Now,
            Failures = counters.Failures,
            LastFailure = lastFailure,
            DisabledAt = disabledAt,
        };
        Tell((observer, cancellationToken) => observer.WarnedAsync(warning, cancellationToken), nameof(IWebhookObserver.WarnedAsync));
    }

    public void Disabled(Webhook webhook, WebhookDisabledCause cause, string reason)
    {
        var disabled = new WebhookDisabled { WebhookId = webhook.Id, Tenant = webhook.Tenant, At = Now, Cause = cause, Reason = reason };
        Tell((observer, cancellationToken) => observer.DisabledAsync(disabled, cancellationToken), nameof(IWebhookObserver.DisabledAsync));
    }

    public void Exhausted(DeliveryRecord record)
    {
        var (delivery, attempt) = (record.Delivery, record.Attempt!);
        var exhausted = new DeliveryExhausted
        {
            WebhookId = delivery.WebhookId,
            Tenant = TenantOf(delivery.WebhookId),
            At = Now,
            DeliveryId = delivery.Id,
            EventId = delivery.EventUid,
            Trigger = delivery.Trigger,
            Attempts = attempt.Number,
            Outcome = attempt.Outcome,
            StatusCode = attempt.StatusCode,
        };
        Tell((observer, cancellationToken) => observer.ExhaustedAsync(exhausted, cancellationToken), nameof(IWebhookObserver.ExhaustedAsync));
    }

    /// <summary>Tells what there is and what comes, until <see cref="Complete"/>.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (var notice in _waiting.Reader.ReadAllAsync(cancellationToken))
        {
            foreach (var observer in _observers)
            {
                try
                {
                    await notice(observer, cancellationToken);
                }
                catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
                {
                    // The app's own code may throw anything. The others are told all the same, and so is this one the next time.
                    LogObserverFailed(exception, observer.GetType());
                }
            }
        }
    }

    public void Complete() => _waiting.Writer.TryComplete();

    private DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(clock.Now);

    private string TenantOf(long webhookId) => webhooks.Current.Find(webhookId)?.Tenant ?? "";

    private void Tell(Notice notice, string name)
    {
        if (_observers.Length > 0 && !_waiting.Writer.TryWrite(notice))
        {
            LogNotTold(name);
        }
    }

    [LoggerMessage(2308, LogLevel.Error, "The observer {Observer} failed; what it was told of stays as it is", EventName = "ObserverFailed")]
    private partial void LogObserverFailed(Exception exception, Type observer);

    [LoggerMessage(2309, LogLevel.Warning, "Observers are not told of a {Notice}: they are too slow, or the host has stopped", EventName = "ObserversNotTold")]
    private partial void LogNotTold(string notice);
}
