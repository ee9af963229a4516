using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Dispatching;

/// <summary>What an attempt says to the breaker of its webhook.</summary>
/// <param name="Outcome">What came of it.</param>
/// <param name="StatusCode">The status of the answer.</param>
/// <param name="RetryAfter">What the receiver asked for.</param>
/// <param name="IsProbe">Whether it was the probe of a breaker that was open.</param>
internal readonly record struct BreakerInput(WebhookAttemptOutcome Outcome, int? StatusCode, TimeSpan? RetryAfter, bool IsProbe)
{
    public bool IsDelivered => Outcome == WebhookAttemptOutcome.Delivered;

    public bool IsFailure => !IsDelivered && HealthChange.Counts(Outcome);

    /// <summary>Whether the receiver, or what stands before it, says that it has too much to do.</summary>
    public bool IsOverloaded => IsFailure && StatusCode is 429 or 502 or 503 or 504;
}

/// <summary>
/// The breaker of a webhook, as a function: from its counters, what came of an attempt, and the time, to its next state. Closed → open after too many
/// failures → half open while the one probe is under way → recovering when it was delivered, with more at once after every ten successes → closed.
/// </summary>
internal static class BreakerRules
{
    /// <summary>How many attempts there must be in the window before their share of failures says anything.</summary>
    public const int MinAttempts = 20;

    /// <summary>How many attempts must be delivered before more are made at once.</summary>
    public const int SuccessesPerStep = 10;

    public static readonly TimeSpan MinRetryAfter = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan MaxRetryAfter = TimeSpan.FromHours(1);
    public static readonly TimeSpan MaxPauseUnasked = TimeSpan.FromMinutes(1);

    // Many attempts that are refused at once ask for the same. What would make a pause longer by less than this is not written.
    private const long WorthWritingMs = 1000;

    /// <summary>The breaker as it is to be; null where it stays as it is.</summary>
    /// <param name="counters">The counters after the attempt.</param>
    /// <param name="input">What came of the attempt.</param>
    /// <param name="options">When it opens, and for how long.</param>
    /// <param name="mostAtOnce">How many attempts a node makes at once to one webhook that does well.</param>
    /// <param name="now">Store time.</param>
    /// <param name="random">From 0 to 1, for the jitter.</param>
    public static WebhookBreaker? Next(
        WebhookCounters counters, BreakerInput input, WebhookBreakerOptions options, int mostAtOnce, long now, double random)
    {
        var breaker = counters.Breaker;
        var to = breaker.Status switch
        {
            BreakerStatus.HalfOpen when !input.IsProbe => null,
            BreakerStatus.HalfOpen when input.IsDelivered => Recover(breaker, slowStart: 1, mostAtOnce, now),

            // Where the probe says nothing about the receiver, another one is to go. Not at once: what is wrong here may be wrong with that one too.
            BreakerStatus.HalfOpen => Open(breaker, breaker.Openings + (input.IsFailure ? 1 : 0), input.IsFailure ? options : FirstPauseOnly(options), now, random),
            BreakerStatus.Closed or BreakerStatus.Recovering when input.IsFailure && IsTooMuch(counters, options, now) =>
                Open(breaker, breaker.Openings + 1, options, now, random),
            BreakerStatus.Recovering when input.IsDelivered && counters.Successes >= SuccessesPerStep =>
                Recover(breaker, 2 * (breaker.SlowStart ?? 1), mostAtOnce, now),
            BreakerStatus.Recovering when input.IsFailure && breaker.SlowStart > 1 => breaker with { SlowStart = breaker.SlowStart / 2 },
            _ => null,
        };

        if (input.IsOverloaded && (to is not null || breaker.Status != BreakerStatus.HalfOpen))
        {
            to = Pause(to ?? breaker, to is not null, until: now + Asked(input.RetryAfter, counters.Failures), now) ?? to;
        }
        else if (to is null && input.IsDelivered && breaker is { Status: BreakerStatus.Closed, PauseReason: PauseReason.Receiver } && !breaker.IsPaused(now))
        {
            // Long over: it need not be looked at in every claim any more.
            to = breaker with { PausedUntil = null, PauseReason = null };
        }

        return to is null ? null : to with { Sequence = breaker.Sequence + 1 };
    }

    /// <summary>For how long a receiver is left alone that has too much to do: for as long as it asked for, within bounds; else for 1, 2, 4… seconds.</summary>
    private static long Asked(TimeSpan? retryAfter, int failures)
    {
        var asked = retryAfter ?? TimeSpan.FromSeconds(Math.Pow(2, Math.Clamp(failures - 1, 0, 10)));
        var most = retryAfter is null ? MaxPauseUnasked : MaxRetryAfter;
        return (long)(asked < MinRetryAfter ? MinRetryAfter : asked > most ? most : asked).TotalMilliseconds;
    }

    private static bool IsTooMuch(WebhookCounters counters, WebhookBreakerOptions options, long now) =>
        options.Failures > 0
        && (counters.Failures >= options.Failures
            || (counters.WindowAt > now - WebhookCounters.WindowMs && counters.WindowAttempts >= MinAttempts
                && counters.WindowFailures * 10L >= counters.WindowAttempts * 9L));

    private static WebhookBreaker Open(WebhookBreaker breaker, int openings, WebhookBreakerOptions options, long now, double random)
    {
        var pause = options.MinPause * Math.Pow(2, Math.Clamp(openings - 1, 0, 30));
        var until = now + (long)((pause > options.MaxPause ? options.MaxPause : pause).TotalMilliseconds * (0.8 + (0.4 * random)));
        var isAskedForMore = breaker is { PauseReason: PauseReason.Receiver, PausedUntil: { } asked } && asked > until;
        return breaker with
        {
            Status = BreakerStatus.Open,
            Openings = openings,
            PausedUntil = isAskedForMore ? breaker.PausedUntil : until,
            PauseReason = isAskedForMore ? PauseReason.Receiver : PauseReason.Breaker,
            SlowStart = null,
        };
    }

    private static WebhookBreakerOptions FirstPauseOnly(WebhookBreakerOptions options) =>
        new() { Failures = options.Failures, MinPause = options.MinPause, MaxPause = options.MinPause };

    /// <summary>So many at once; where that is as many as usual, it is closed. A pause of the probe is over with it.</summary>
    private static WebhookBreaker Recover(WebhookBreaker breaker, int slowStart, int mostAtOnce, long now)
    {
        var isClosed = slowStart >= mostAtOnce;
        var isOver = breaker.PauseReason == PauseReason.Breaker || (isClosed && !breaker.IsPaused(now));
        return breaker with
        {
            Status = isClosed ? BreakerStatus.Closed : BreakerStatus.Recovering,
            Openings = isClosed ? 0 : breaker.Openings,
            SlowStart = isClosed ? null : slowStart,
            PausedUntil = isOver ? null : breaker.PausedUntil,
            PauseReason = isOver ? null : breaker.PauseReason,
        };
    }

    private static WebhookBreaker? Pause(WebhookBreaker breaker, bool isWritten, long until, long now)
    {
        var isLonger = !breaker.IsPaused(now) || until > breaker.PausedUntil + (isWritten ? 0 : WorthWritingMs);
        return isLonger ? breaker with { PausedUntil = until, PauseReason = PauseReason.Receiver } : null;
    }
}
