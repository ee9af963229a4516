using System.Text.Json.Serialization;

namespace Webhooks.Embedded.AspNetCore.Admin;

internal sealed record OverviewResponse
{
    [JsonPropertyName("at")]
    public required DateTimeOffset At { get; init; }

    [JsonPropertyName("series")]
    public required IReadOnlyList<OverviewStepResponse> Series { get; init; }

    [JsonPropertyName("totals")]
    public required FiguresResponse Totals { get; init; }

    [JsonPropertyName("failing")]
    public required IReadOnlyList<FailingWebhookResponse> Failing { get; init; }

    [JsonPropertyName("backlog")]
    public required BacklogResponse Backlog { get; init; }

    public static OverviewResponse Of(WebhookOverview overview) => new()
    {
        At = overview.At,
        Series = [.. overview.Series.Select(step => new OverviewStepResponse { At = step.At, Figures = FiguresResponse.Of(step.Figures) })],
        Totals = FiguresResponse.Of(overview.Totals),
        Failing =
        [
            .. overview.Failing.Select(failing => new FailingWebhookResponse
            {
                Webhook = new DeliveryWebhookResponse { Id = failing.Id, Uid = failing.Uid, Name = failing.Name },
                Figures = FiguresResponse.Of(failing.Figures),
            }),
        ],
        Backlog = BacklogResponse.Of(overview.Backlog),
    };
}

/// <summary>One minute or hour.</summary>
internal sealed record OverviewStepResponse
{
    [JsonPropertyName("at")]
    public required DateTimeOffset At { get; init; }

    [JsonPropertyName("figures")]
    public required FiguresResponse Figures { get; init; }
}

internal sealed record FailingWebhookResponse
{
    [JsonPropertyName("webhook")]
    public required DeliveryWebhookResponse Webhook { get; init; }

    [JsonPropertyName("figures")]
    public required FiguresResponse Figures { get; init; }
}

internal sealed record FiguresResponse
{
    [JsonPropertyName("delivered")]
    public required long Delivered { get; init; }

    [JsonPropertyName("failedAttempts")]
    public required long FailedAttempts { get; init; }

    [JsonPropertyName("exhausted")]
    public required long Exhausted { get; init; }

    [JsonPropertyName("successRate")]
    public required double? SuccessRate { get; init; }

    [JsonPropertyName("meanDurationMs")]
    public required double? MeanDurationMs { get; init; }

    public static FiguresResponse Of(WebhookFigures figures) => new()
    {
        Delivered = figures.Delivered,
        FailedAttempts = figures.FailedAttempts,
        Exhausted = figures.Exhausted,
        SuccessRate = figures.SuccessRate,
        MeanDurationMs = figures.MeanDuration?.TotalMilliseconds,
    };
}

/// <summary>What is not finished.</summary>
internal sealed record BacklogResponse
{
    [JsonPropertyName("pending")]
    public required int Pending { get; init; }

    [JsonPropertyName("leased")]
    public required int Leased { get; init; }

    [JsonPropertyName("retrying")]
    public required int Retrying { get; init; }

    [JsonPropertyName("parked")]
    public required int Parked { get; init; }

    [JsonPropertyName("isAtLeast")]
    public required bool IsAtLeast { get; init; }

    [JsonPropertyName("oldestDueAt")]
    public required DateTimeOffset? OldestDueAt { get; init; }

    public static BacklogResponse Of(WebhookBacklog backlog) => new()
    {
        Pending = backlog.Pending,
        Leased = backlog.Leased,
        Retrying = backlog.Retrying,
        Parked = backlog.Parked,
        IsAtLeast = backlog.IsAtLeast,
        OldestDueAt = backlog.OldestDueAt,
    };
}
