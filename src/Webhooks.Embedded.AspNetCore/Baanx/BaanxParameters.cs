using System.Globalization;
using System.Text.Json;
using Webhooks.Embedded.AspNetCore.Requests;

namespace Webhooks.Embedded.AspNetCore.Baanx;

/// <summary>Reads ids and parameters, all as text. What cannot be used is refused by its name.</summary>
internal static class BaanxParameters
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 100;

    private static readonly Dictionary<string, BaanxStatus> Statuses =
        Enum.GetValues<BaanxStatus>().ToDictionary(status => JsonNamingPolicy.CamelCase.ConvertName(status.ToString()));

    /// <exception cref="RefusedException">It is no UUID.</exception>
    public static Guid Uuid(string name, string? value) =>
        value is not null && Ids.TryUuid(value, out var uuid) ? uuid : throw BaanxRefusals.Bad($"{name} must be a valid UUID");

    /// <exception cref="RefusedException">It is out of its range.</exception>
    public static int Limit(string? value) =>
        value is null ? DefaultLimit
        : int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= MaxLimit ? limit
        : throw BaanxRefusals.Bad($"limit must be an integer between 1 and {MaxLimit}");

    /// <exception cref="RefusedException">There is no such status.</exception>
    public static BaanxStatus? Status(string? value) =>
        value is null ? null
        : Statuses.TryGetValue(value, out var status) ? status
        : throw BaanxRefusals.Bad($"status must be one of {string.Join(", ", Statuses.Keys)}");
}
