namespace Webhooks.Embedded.Storage;

/// <summary>
/// What the attempts of a batch say about a webhook: when it last succeeded and failed, and what its counters are to be raised by. One row, however
/// many attempts there were.
/// </summary>
internal sealed class HealthChange(long webhookId)
{
    public long WebhookId { get; } = webhookId;

    public long? LastSuccessAt { get; private set; }

    public long? LastFailureAt { get; private set; }

    public string? LastFailure { get; private set; }

    public int? LastStatusCode { get; private set; }

    /// <summary>Attempts that say something about the receiver.</summary>
    public int Attempts => Successes + Failures;

    public int Successes { get; private set; }

    public int Failures { get; private set; }

    /// <summary>Failures after the last success.</summary>
    public int FailuresInARow { get; private set; }

    /// <summary>When the first of those was over.</summary>
    public long? FailingSince { get; private set; }

    /// <summary>Whether all attempts were delivered.</summary>
    public bool SaysAllIsWell => LastFailureAt is null;

    /// <summary>How often it could not be counted because somebody else had the webhook's row.</summary>
    public int Skips { get; set; }

    /// <summary>
    /// Whether an outcome is the receiver's doing. What is the node's or the app's own, a host that stops, a secret or a profile that does not sign,
    /// says nothing about the receiver: it opens no breaker and disables nothing.
    /// </summary>
    public static bool Counts(WebhookAttemptOutcome outcome) => outcome is not (
        WebhookAttemptOutcome.Interrupted or WebhookAttemptOutcome.SecretUnreadable or WebhookAttemptOutcome.SignatureFailed
        or WebhookAttemptOutcome.Internal);

    /// <summary>Adds an attempt that was over after those added before.</summary>
    public void Add(AttemptData attempt)
    {
        LastStatusCode = attempt.StatusCode;
        if (attempt.Outcome == WebhookAttemptOutcome.Delivered)
        {
            LastSuccessAt = attempt.FinishedAt;
            Successes++;
            FailuresInARow = 0;
            FailingSince = null;
            return;
        }

        LastFailureAt = attempt.FinishedAt;
        LastFailure = attempt.Error;
        if (Counts(attempt.Outcome))
        {
            Failures++;
            FailuresInARow++;
            FailingSince ??= attempt.FinishedAt;
        }
    }

    /// <summary>Adds what could not be counted with an earlier batch.</summary>
    public void AddBefore(HealthChange earlier)
    {
        LastSuccessAt ??= earlier.LastSuccessAt;
        LastFailureAt ??= earlier.LastFailureAt;
        LastFailure ??= earlier.LastFailure;
        if (Attempts == 0)
        {
            LastStatusCode ??= earlier.LastStatusCode;
        }

        if (Successes == 0)
        {
            FailuresInARow += earlier.FailuresInARow;
            FailingSince = earlier.FailingSince ?? FailingSince;
        }

        Successes += earlier.Successes;
        Failures += earlier.Failures;
        Skips = earlier.Skips;
    }
}
