using System.Data.Common;
using System.Globalization;

namespace Webhooks.Embedded.Storage;

/// <summary>How a webhook has been doing, with its breaker: what decides whether the breaker changes.</summary>
internal sealed record WebhookCounters
{
    /// <summary>For how long attempts are counted together; then counting begins anew.</summary>
    public const int WindowMs = 5 * 60 * 1000;

    /// <summary>What <see cref="Read"/> reads.</summary>
    public const string Columns =
        "id, failures, failing_since, warnings, successes, window_at, window_attempts, window_failures, breaker, breaker_seq, openings, paused_until, pause_reason, slow_start";

    /// <summary>Which webhooks a batch tells the counters of, as a condition. What does well is not worth a row.</summary>
    public static readonly string Unwell =
        $"(failures > 0 or breaker <> {(int)BreakerStatus.Closed} or pause_reason = {(int)Storage.PauseReason.Receiver})";

    public required WebhookBreaker Breaker { get; init; }

    public long WebhookId => Breaker.WebhookId;

    /// <summary>Failed attempts in a row.</summary>
    public int Failures { get; init; }

    /// <summary>When the first of them was over; null where there is none.</summary>
    public long? FailingSince { get; init; }

    /// <summary>How many warnings of disabling were given since.</summary>
    public int Warnings { get; init; }

    /// <summary>Attempts that were delivered since the breaker last changed. Not counted while it is closed.</summary>
    public int Successes { get; init; }

    /// <summary>When the window began in which attempts are counted.</summary>
    public long? WindowAt { get; init; }

    public int WindowAttempts { get; init; }

    public int WindowFailures { get; init; }

    /// <summary>The same as <see cref="Unwell"/>.</summary>
    public bool IsUnwell => Failures > 0 || Breaker.Status != BreakerStatus.Closed || Breaker.PauseReason == PauseReason.Receiver;

    /// <summary>A row of <see cref="Columns"/>.</summary>
    public static WebhookCounters Read(DbDataReader row)
    {
        return new WebhookCounters
        {
            Failures = Number(1),
            FailingSince = row.GetValue(2) as long?,
            Warnings = Number(3),
            Successes = Number(4),
            WindowAt = row.GetValue(5) as long?,
            WindowAttempts = Number(6),
            WindowFailures = Number(7),
            Breaker = new WebhookBreaker
            {
                WebhookId = row.GetInt64(0),
                Status = (BreakerStatus)Number(8),
                Sequence = row.GetInt64(9),
                Openings = Number(10),
                PausedUntil = row.GetValue(11) as long?,
                PauseReason = row.IsDBNull(12) ? null : (PauseReason)Number(12),
                SlowStart = row.IsDBNull(13) ? null : Number(13),
            },
        };

        // Engines give them as different types.
        int Number(int column) => Convert.ToInt32(row.GetValue(column), CultureInfo.InvariantCulture);
    }
}
