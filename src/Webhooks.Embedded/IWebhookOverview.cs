namespace Webhooks.Embedded;

/// <summary>
/// Figures of what was delivered and what failed. They are counted as outcomes are stored, a few seconds behind; what a node that was killed had counted in
/// its last seconds is missing, and so are attempts that were interrupted, whose outcome nobody knows. They are kept by the minute for 48 hours and by the hour for 90 days.
/// </summary>
public interface IWebhookOverview
{
    /// <summary>The same for one tenant.</summary>
    /// <param name="tenant">The tenant; the empty string is the one of apps that have none.</param>
    /// <exception cref="InvalidOperationException">This is another tenant's already.</exception>
    IWebhookOverview ForTenant(string tenant);

    /// <summary>The figures up to now. The log is not read, however large it is.</summary>
    /// <param name="window">How far back. Default: the last hour.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<WebhookOverview> ReadAsync(WebhookOverviewWindow window = WebhookOverviewWindow.LastHour, CancellationToken cancellationToken = default);
}

/// <summary>How far back an overview goes, and in which steps.</summary>
public enum WebhookOverviewWindow
{
    /// <summary>60 minutes.</summary>
    LastHour,

    /// <summary>24 hours.</summary>
    LastDay,

    /// <summary>7 days, by the hour.</summary>
    LastWeek,
}

/// <summary>Figures of what was delivered and what failed.</summary>
public sealed record WebhookOverview
{
    /// <summary>How far back it goes.</summary>
    public required WebhookOverviewWindow Window { get; init; }

    /// <summary>The time up to which it was counted.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Every minute or hour, the oldest first, the one that is under way last; also those in which nothing happened.</summary>
    public required IReadOnlyList<WebhookOverviewStep> Series { get; init; }

    /// <summary>All of them together.</summary>
    public required WebhookFigures Totals { get; init; }

    /// <summary>The ten webhooks with the most failed attempts, the worst first; those without one, and deleted ones, are not there.</summary>
    public required IReadOnlyList<FailingWebhook> Failing { get; init; }

    /// <summary>What is not finished.</summary>
    public required WebhookBacklog Backlog { get; init; }
}

/// <summary>The figures of one minute or hour.</summary>
/// <param name="At">When it begins.</param>
/// <param name="Figures">Its figures.</param>
public sealed record WebhookOverviewStep(DateTimeOffset At, WebhookFigures Figures);

/// <summary>How many attempts arrived and failed.</summary>
public sealed record WebhookFigures
{
    /// <summary>Attempts that were answered 2xx.</summary>
    public long Delivered { get; init; }

    /// <summary>Attempts that were not, whether or not others followed.</summary>
    public long FailedAttempts { get; init; }

    /// <summary>Deliveries that ran out of attempts.</summary>
    public long Exhausted { get; init; }

    /// <summary>Which part of the attempts arrived, 0 to 1; null where there were none.</summary>
    public double? SuccessRate => Delivered + FailedAttempts == 0 ? null : (double)Delivered / (Delivered + FailedAttempts);

    /// <summary>How long an attempt took on the average; null where there were none.</summary>
    public TimeSpan? MeanDuration { get; init; }
}

/// <summary>A webhook whose attempts failed.</summary>
/// <param name="Id">The webhook's number.</param>
/// <param name="Uid">The webhook's UUID.</param>
/// <param name="Name">The webhook's name as it is now.</param>
/// <param name="Figures">Its figures.</param>
public sealed record FailingWebhook(long Id, Guid Uid, string Name, WebhookFigures Figures);

/// <summary>How many deliveries are not finished, at this moment.</summary>
public sealed record WebhookBacklog
{
    /// <summary>Not attempted yet.</summary>
    public required int Pending { get; init; }

    /// <summary>Taken by a node.</summary>
    public required int Leased { get; init; }

    /// <summary>Failed, and due again.</summary>
    public required int Retrying { get; init; }

    /// <summary>Held until a person acts.</summary>
    public required int Parked { get; init; }

    /// <summary>Whether there are more: counting stops at 100,000 of all, the oldest ones.</summary>
    public required bool IsAtLeast { get; init; }

    /// <summary>Since when the delivery is due that nobody has taken for the longest time, by the clock of <see cref="WebhookOverview.At"/>; null where none is due.</summary>
    public required DateTimeOffset? OldestDueAt { get; init; }
}
