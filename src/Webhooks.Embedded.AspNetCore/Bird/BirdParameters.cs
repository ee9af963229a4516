using System.Globalization;

namespace Webhooks.Embedded.AspNetCore.Bird;

/// <summary>Reads parameters, all as text. What cannot be used is refused by its name.</summary>
internal static class BirdParameters
{
    private const int DefaultLimit = 10;
    private const int MaxLimit = 100;

    /// <exception cref="RefusedException">It is out of its range.</exception>
    public static int Limit(string? value) =>
        value is null ? DefaultLimit
        : int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= MaxLimit ? limit
        : throw BirdRefusals.Bad($"limit: It must be an integer from 1 to {MaxLimit}.");

    /// <summary>A request that was never attempted has no status yet, and is in no list.</summary>
    /// <exception cref="RefusedException">There is no such status.</exception>
    public static WebhookAnswers ExecutionStatus(string? value) => value switch
    {
        null => WebhookAnswers.Success | WebhookAnswers.Failed,
        BirdStatus.Succeeded => WebhookAnswers.Success,
        BirdStatus.Failed => WebhookAnswers.Failed,
        _ => throw BirdRefusals.Bad($"executionStatus: It must be {BirdStatus.Succeeded} or {BirdStatus.Failed}."),
    };
}
