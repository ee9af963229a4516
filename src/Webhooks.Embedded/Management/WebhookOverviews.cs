using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Management;

/// <summary>Puts the figures together.</summary>
internal sealed class WebhookOverviews(OverviewRepository overview) : IWebhookOverview
{
    private const int MaxBacklog = 100_000;
    private const int MaxFailing = 10;

    public IWebhookOverview ForTenant(string tenant) => new WebhookOverviews(overview.ForTenant(tenant));

    public async Task<WebhookOverview> ReadAsync(
        WebhookOverviewWindow window = WebhookOverviewWindow.LastHour, CancellationToken cancellationToken = default)
    {
        var (resolution, stepMs, steps) = window switch
        {
            WebhookOverviewWindow.LastHour => (RollUpRepository.Minutes, RollUps.MinuteMs, 60),
            WebhookOverviewWindow.LastDay => (RollUpRepository.Hours, RollUpRepository.HourMs, 24),
            WebhookOverviewWindow.LastWeek => (RollUpRepository.Hours, RollUpRepository.HourMs, 7 * 24),
            _ => throw new WebhookValidationException("window", "unknown_value", "It must be the last hour, day or week."),
        };
        var now = overview.Now;
        var from = now - (now % stepMs) - ((steps - 1) * stepMs);
        var rows = await overview.SeriesAsync(resolution, from, cancellationToken);
        var failing = await overview.FailingAsync(resolution, from, MaxFailing, cancellationToken);
        var byTime = rows.ToDictionary(row => row.At);
        return new WebhookOverview
        {
            Window = window,
            At = DateTimeOffset.FromUnixTimeMilliseconds(now),
            Series =
            [
                .. Enumerable.Range(0, steps).Select(step => from + (step * stepMs)).Select(at => new WebhookOverviewStep(
                    DateTimeOffset.FromUnixTimeMilliseconds(at), byTime.TryGetValue(at, out var row) ? row.ToFigures() : new WebhookFigures())),
            ],
            Totals = Sum(rows),
            Failing = [.. failing.Select(row => new FailingWebhook(row.WebhookId, SqlDialect.ToGuid(row.Uid), row.Name, row.ToFigures()))],
            Backlog = await BacklogAsync(cancellationToken),
        };
    }

    private async Task<WebhookBacklog> BacklogAsync(CancellationToken cancellationToken)
    {
        var counts = await overview.BacklogAsync(MaxBacklog, cancellationToken);
        var oldest = await overview.OldestDueAsync(cancellationToken);
        return new WebhookBacklog
        {
            Pending = counts.GetValueOrDefault(WebhookDeliveryStatus.Pending),
            Leased = counts.GetValueOrDefault(WebhookDeliveryStatus.Leased),
            Retrying = counts.GetValueOrDefault(WebhookDeliveryStatus.Retrying),
            Parked = counts.GetValueOrDefault(WebhookDeliveryStatus.Parked),
            IsAtLeast = counts.Values.Sum() >= MaxBacklog,
            OldestDueAt = oldest is { } dueAt ? DateTimeOffset.FromUnixTimeMilliseconds(dueAt) : null,
        };
    }

    private static WebhookFigures Sum(IReadOnlyList<FigureRow> rows) => new FigureRow
    {
        Delivered = rows.Sum(row => row.Delivered),
        Failed = rows.Sum(row => row.Failed),
        Exhausted = rows.Sum(row => row.Exhausted),
        DurationMs = rows.Sum(row => row.DurationMs),
    }.ToFigures();
}
