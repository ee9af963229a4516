using System.Globalization;
using Microsoft.Extensions.Logging;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Dispatching;

/// <summary>Disables webhooks whose receivers are gone: one that says so, and one that has failed for days. It never deletes anything.</summary>
internal sealed partial class WebhookDisabling(
    WebhookRepository webhooks,
    QueueRepository queue,
    BreakerRepository breakers,
    WebhookDirectory directory,
    WebhookObservers observers,
    StoreClock clock,
    LiveOptions options,
    ILogger<WebhookDisabling> logger)
{
    /// <summary>After which parts of <see cref="WebhooksOptions.DisableAfter"/> a warning is given.</summary>
    public static readonly double[] Warnings = [0.2, 0.6, 0.8];

    private readonly ILogger _logger = logger;

    /// <summary>
    /// The receiver answered 410. To be called before the attempt is recorded: if the process dies in between, the webhook is disabled, and the lease of
    /// this delivery ends and it is parked like all others.
    /// </summary>
    public async Task GoneAsync(KnownWebhook webhook, AttemptData attempt)
    {
        var reason = $"The receiver answered 410 Gone at {Spelled(attempt.FinishedAt)}: it wants nothing more at this URL.";
        await DisableAsync(webhook.Id, attempt.UrlNumber, failingSince: null, WebhookDisabledCause.Gone, reason);
    }

    /// <summary>Warns or disables where a webhook has failed for long enough, and often enough that it is no coincidence.</summary>
    public async Task FailingAsync(WebhookCounters counters, AttemptData attempt)
    {
        var limit = options.Current.DisableAfter;
        if (limit == TimeSpan.Zero || counters.FailingSince is not { } since || counters.Failures < LeastFailures())
        {
            return;
        }

        var failingFor = TimeSpan.FromMilliseconds(clock.Now - since);
        if (failingFor >= limit)
        {
            var reason = string.Create(
                CultureInfo.InvariantCulture,
                $"No attempt has succeeded since {Spelled(since)}; {counters.Failures} failed in a row. The last one: {attempt.Error}");
            await DisableAsync(counters.WebhookId, attempt.UrlNumber, since, WebhookDisabledCause.Failing, reason);
            return;
        }

        var warnings = Warnings.Count(share => failingFor >= limit * share);
        if (warnings > counters.Warnings && await TryWarnAsync(counters, warnings))
        {
            var disabledAt = DateTimeOffset.FromUnixTimeMilliseconds(since) + limit;
            LogWarned(counters.WebhookId, StoredTime.Read(since), disabledAt);
            observers.Warned(counters, attempt.Error, disabledAt);
        }
    }

    private int LeastFailures() => options.Current.Breaker.Failures is > 0 and var failures ? failures : WebhookBreakerOptions.DefaultFailures;

    private async Task<bool> TryWarnAsync(WebhookCounters counters, int warnings)
    {
        try
        {
            // Checkpoint: if the process dies after this, nobody is told of this warning; that the webhook fails, and since when, is shown with it.
            return await breakers.TryWarnAsync(counters, warnings, CancellationToken.None);
        }
        catch (WebhookStoreException exception)
        {
            // The next attempt that fails finds the same.
            LogNotDisabled(exception, counters.WebhookId);
            return false;
        }
    }

    private async Task DisableAsync(long id, int urlNumber, long? failingSince, WebhookDisabledCause cause, string reason)
    {
        if (directory.Current.Find(id) is not { Enabled: true })
        {
            return;
        }

        try
        {
            // By one of all nodes, and only if it is still the same webhook at the same URL: a person may have mended it meanwhile.
            var (webhook, version) = await webhooks.DisableIfStillAsync(id, urlNumber, failingSince, reason, CancellationToken.None);

            // Checkpoint: if the process dies here, the webhook is disabled, nobody is told, and what is due is parked one by one as its turn comes.
            directory.Expect(version);
            await directory.GetAsync(CancellationToken.None);
            if (webhook is not null)
            {
                LogDisabled(id, reason);
                observers.Disabled(webhook, cause, reason);
                await queue.ParkAsync(id, CancellationToken.None);
            }
        }
        catch (WebhookStoreException exception)
        {
            // The attempt is recorded as any other failure, and the next one tries again.
            LogNotDisabled(exception, id);
        }
    }

    private static string Spelled(long time) =>
        DateTimeOffset.FromUnixTimeMilliseconds(time).ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    [LoggerMessage(2305, LogLevel.Warning, "Webhook {WebhookId} is disabled: {Reason}", EventName = "WebhookDisabled")]
    private partial void LogDisabled(long webhookId, string reason);

    [LoggerMessage(2306, LogLevel.Warning, "No attempt of webhook {WebhookId} has succeeded since {FailingSince}; if that goes on, it is disabled at {DisabledAt}", EventName = "WebhookFailing")]
    private partial void LogWarned(long webhookId, DateTimeOffset? failingSince, DateTimeOffset disabledAt);

    [LoggerMessage(2307, LogLevel.Warning, "Webhook {WebhookId} could not be disabled, or not be warned of; the next attempt that fails tries again", EventName = "WebhookNotDisabled")]
    private partial void LogNotDisabled(Exception exception, long webhookId);
}
