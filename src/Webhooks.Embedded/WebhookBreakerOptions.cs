namespace Webhooks.Embedded;

/// <summary>
/// When a webhook whose attempts fail is left alone for a while, by all nodes. Its deliveries stay due, and no attempt is used up. When the pause is over,
/// one delivery is sent; if it arrives, a few at once follow, and more with every ten that arrive.
/// </summary>
public sealed class WebhookBreakerOptions
{
    internal const int DefaultFailures = 10;

    /// <summary>How many attempts in a row must fail. Likewise, 90 % of at least 20 within 5 minutes.</summary>
    /// <value>Default: 10. From 0 to 1,000; 0: it is never left alone.</value>
    public int Failures { get; set; } = DefaultFailures;

    /// <summary>For how long it is left alone the first time, ±20 % at random. The time doubles with every further time until it does well again.</summary>
    /// <value>Default: 30 seconds. From 1 second to <see cref="MaxPause"/>.</value>
    public TimeSpan MinPause { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>For how long it is left alone at most, ±20 % at random.</summary>
    /// <value>Default: 10 minutes. At most 1 day.</value>
    public TimeSpan MaxPause { get; set; } = TimeSpan.FromMinutes(10);
}
