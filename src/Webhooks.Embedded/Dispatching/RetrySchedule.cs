namespace Webhooks.Embedded.Dispatching;

/// <summary>When a failed attempt is followed by another.</summary>
internal static class RetrySchedule
{
    /// <summary>What a receiver may ask for at most by <c>Retry-After</c>.</summary>
    public static readonly TimeSpan MaxRetryAfter = RetryAfter.Max;

    /// <summary>A webhook's own schedule where it has one, with the app's jitter.</summary>
    public static WebhookRetryOptions Of(IReadOnlyList<TimeSpan>? own, WebhookRetryOptions options) =>
        own is null ? options : new() { Delays = [.. own], Jitter = options.Jitter };

    /// <summary>How long to wait after the given number of attempts; null when the schedule is at its end.</summary>
    /// <param name="options">The schedule.</param>
    /// <param name="attempts">How many attempts were made, at least 1.</param>
    /// <param name="retryAfter">What the receiver asked for; it can make the wait longer, never shorter.</param>
    /// <param name="random">From 0 to 1, for the jitter.</param>
    public static TimeSpan? Next(WebhookRetryOptions options, int attempts, TimeSpan? retryAfter, double random)
    {
        if (attempts > options.Delays.Count)
        {
            return null;
        }

        var delay = options.Delays[attempts - 1] * (1 + (options.Jitter * ((2 * random) - 1)));
        var asked = retryAfter is { } wanted && wanted > MaxRetryAfter ? MaxRetryAfter : retryAfter;
        return asked > delay ? asked : delay;
    }
}
