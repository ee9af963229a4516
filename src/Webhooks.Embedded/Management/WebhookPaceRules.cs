namespace Webhooks.Embedded.Management;

/// <summary>What a webhook's own timeout, schedule and rate limit must be: the same ranges as the app's options have.</summary>
internal static class WebhookPaceRules
{
    private const int MaxDelays = 100;
    private const int MaxRate = 10_000;
    private static readonly TimeSpan MinTimeout = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxTimeout = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromDays(30);

    public static IEnumerable<WebhookFieldError> Check(WebhookSettings settings)
    {
        if (settings.Timeout is { } timeout && (timeout < MinTimeout || timeout > MaxTimeout))
        {
            yield return new("timeout", "out_of_range", "It must be from 100 milliseconds to 5 minutes.");
        }

        if (settings.RetryDelays is { Count: > MaxDelays } delays)
        {
            yield return new("retryDelays", "too_many", $"There are {delays.Count} delays; at most {MaxDelays} are allowed.");
        }
        else if (settings.RetryDelays?.Any(delay => delay < TimeSpan.Zero || delay > MaxDelay) == true)
        {
            yield return new("retryDelays", "out_of_range", "Each must be from 0 to 30 days.");
        }

        if (settings.RateLimit is < 1 or > MaxRate)
        {
            yield return new("rateLimit", "out_of_range", $"It must be a whole number from 1 to {MaxRate}, in attempts a second.");
        }
    }
}
