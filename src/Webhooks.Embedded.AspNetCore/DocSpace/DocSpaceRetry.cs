namespace Webhooks.Embedded.AspNetCore.DocSpace;

/// <summary>
/// Retries deliveries and waits for what comes of it, since this API's clients expect the new status in the answer. They get their own
/// rows back, not copies: the same delivery is attempted once more.
/// </summary>
internal sealed class DocSpaceRetry(IWebhookDeliveries deliveries, TimeProvider timeProvider, TimeSpan bound)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(250);

    /// <summary>Retries one delivery, also one that was delivered: a person asks for just this one.</summary>
    public async Task<(WebhookRetryResult Result, DocSpaceRetried Retried)> OneAsync(
        WebhookDelivery delivery, CancellationToken cancellationToken)
    {
        var result = await deliveries.RetryAsync(delivery.Id, cancellationToken);
        var retried = IsDue(result) ? await WaitAsync([delivery], cancellationToken) : DocSpaceRetried.None;
        return (result, retried);
    }

    /// <summary>
    /// Retries many. What was delivered already is left as it is: clients retry one and then the whole list that it is from. What cannot
    /// be retried is left as well.
    /// </summary>
    public async Task<DocSpaceRetried> ManyAsync(IReadOnlyList<WebhookDelivery> found, CancellationToken cancellationToken)
    {
        var wanted = found
            .Where(delivery => delivery.LastAttempt?.Outcome != WebhookAttemptOutcome.Delivered)
            .ToDictionary(delivery => delivery.Id);
        if (wanted.Count == 0)
        {
            return DocSpaceRetried.None;
        }

        var results = await deliveries.RetryAsync(wanted.Keys, cancellationToken);
        return await WaitAsync([.. results.Where(retry => IsDue(retry.Result)).Select(retry => wanted[retry.Id])], cancellationToken);
    }

    private async Task<DocSpaceRetried> WaitAsync(IReadOnlyList<WebhookDelivery> before, CancellationToken cancellationToken)
    {
        var awaited = before.ToDictionary(delivery => delivery.Id, delivery => delivery.Attempts);
        var over = new Dictionary<long, WebhookDelivery>();
        var start = timeProvider.GetTimestamp();
        var pause = FirstPause;
        while (awaited.Count > 0)
        {
            var rest = bound - timeProvider.GetElapsedTime(start);
            if (rest <= TimeSpan.Zero)
            {
                break;
            }

            await Task.Delay(pause < rest ? pause : rest, timeProvider, cancellationToken);
            pause = pause * 1.5 < LongestPause ? pause * 1.5 : LongestPause;
            foreach (var delivery in await deliveries.FindAsync(awaited.Keys, cancellationToken))
            {
                // One more attempt than before: the one that was asked for, or one that was under way and took its place.
                if (delivery.Attempts > awaited[delivery.Id])
                {
                    awaited.Remove(delivery.Id);
                    over.Add(delivery.Id, delivery);
                }
            }
        }

        return new DocSpaceRetried(over, awaited.Keys.ToHashSet());
    }

    private static bool IsDue(WebhookRetryResult result) => result is WebhookRetryResult.Queued or WebhookRetryResult.UnderWay;
}

/// <summary>What came of a retry within the bound.</summary>
/// <param name="Over">The deliveries whose new attempt is over, as they are now.</param>
/// <param name="Awaited">Those whose new attempt is still to come, or under way.</param>
internal sealed record DocSpaceRetried(IReadOnlyDictionary<long, WebhookDelivery> Over, IReadOnlySet<long> Awaited)
{
    public static readonly DocSpaceRetried None = new(new Dictionary<long, WebhookDelivery>(), new HashSet<long>());
}
