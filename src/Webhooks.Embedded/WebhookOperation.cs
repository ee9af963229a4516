namespace Webhooks.Embedded;

/// <summary>A bulk retry or a bulk cancellation, and how far it has come.</summary>
public sealed record WebhookOperation
{
    /// <summary>The operation's UUID.</summary>
    public required Guid Id { get; init; }

    /// <summary>What is done with each delivery.</summary>
    public required WebhookOperationKind Kind { get; init; }

    /// <summary>Where the operation stands.</summary>
    public required WebhookOperationStatus Status { get; init; }

    /// <summary>Whose it is; null for one that was started over all tenants.</summary>
    public required string? Tenant { get; init; }

    /// <summary>Which deliveries it is about.</summary>
    public required WebhookDeliveryQuery Query { get; init; }

    /// <summary>How many deliveries it goes through in a second at most.</summary>
    public required int Rate { get; init; }

    /// <summary>Who started it; null where nobody said.</summary>
    public required string? CreatedBy { get; init; }

    /// <summary>When it was started.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it last came further.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When it ended; null while it is running.</summary>
    public required DateTimeOffset? FinishedAt { get; init; }

    /// <summary>How many deliveries the query found when it was started. What no longer matches when its turn comes is left out.</summary>
    public required int Matched { get; init; }

    /// <summary>Whether there were more: counting stops at 100,000.</summary>
    public required bool MatchedIsAtLeast { get; init; }

    /// <summary>How many deliveries were retried or cancelled.</summary>
    public required int Done { get; init; }

    /// <summary>How many deliveries were left as they are, and why.</summary>
    public required WebhookOperationSkips Skipped { get; init; }

    /// <summary>Why it failed; null where it did not.</summary>
    public required string? Error { get; init; }
}

/// <summary>How many deliveries an operation left as they are, by the reason.</summary>
public sealed record WebhookOperationSkips
{
    /// <summary>An attempt was under way.</summary>
    public int UnderWay { get; init; }

    /// <summary>The webhook was disabled.</summary>
    public int WebhookDisabled { get; init; }

    /// <summary>The webhook was deleted.</summary>
    public int WebhookDeleted { get; init; }

    /// <summary>The payload was taken by retention.</summary>
    public int PayloadExpired { get; init; }

    /// <summary>It was finished already, so that there was nothing to cancel.</summary>
    public int AlreadyFinished { get; init; }

    /// <summary>It was taken by retention meanwhile.</summary>
    public int Gone { get; init; }

    /// <summary>All of them.</summary>
    public int Total => UnderWay + WebhookDisabled + WebhookDeleted + PayloadExpired + AlreadyFinished + Gone;
}

/// <summary>What an operation does with each delivery. The numbers are those of the stored rows and never change.</summary>
public enum WebhookOperationKind
{
    /// <summary>It is made due now, as by <see cref="IWebhookDeliveries.RetryAsync(long, CancellationToken)"/>.</summary>
    Retry = 0,

    /// <summary>It is given up, as by <see cref="IWebhookDeliveries.CancelAsync(long, CancellationToken)"/>.</summary>
    Cancel = 1,
}

/// <summary>Where an operation stands. The numbers are those of the stored rows and never change.</summary>
public enum WebhookOperationStatus
{
    /// <summary>It has not come to the end. It goes on after a restart.</summary>
    Running = 0,

    /// <summary>It went through all deliveries.</summary>
    Completed = 1,

    /// <summary>A person stopped it. What was done stays done.</summary>
    Cancelled = 2,

    /// <summary>It could not go on. What was done stays done.</summary>
    Failed = 3,
}

/// <summary>How an operation is started.</summary>
public sealed record WebhookOperationOptions
{
    /// <summary>
    /// How many deliveries it goes through in a second at most, 1 to 10,000. Each is retried or cancelled by itself, which costs a few statements:
    /// the store may set a lower limit. Default: 50.
    /// </summary>
    public int Rate { get; init; } = 50;

    /// <summary>Whether a query that filters nothing is meant: all deliveries there are. Default: false, it is refused.</summary>
    public bool All { get; init; }

    /// <summary>Who starts it, at most 255 characters. Default: null.</summary>
    public string? CreatedBy { get; init; }

    /// <summary>A key of the caller's, at most 255 characters: given twice, the operation is started once. Default: null.</summary>
    public string? IdempotencyKey { get; init; }
}

/// <summary>What an operation would be about.</summary>
/// <param name="Count">How many deliveries the query finds. Counting stops at 100,000.</param>
/// <param name="CountIsAtLeast">Whether there are more.</param>
/// <param name="Sample">The newest ten of them.</param>
public sealed record WebhookOperationPreview(int Count, bool CountIsAtLeast, IReadOnlyList<WebhookDelivery> Sample);
