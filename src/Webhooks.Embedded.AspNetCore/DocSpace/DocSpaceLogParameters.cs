using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;

namespace Webhooks.Embedded.AspNetCore.DocSpace;

/// <summary>The parameters of <c>webhooks/log</c> for OpenAPI documents. <see cref="DocSpaceLogQuery"/> reads them.</summary>
internal sealed class DocSpaceLogParameters
{
    [FromQuery(Name = "count"), Description("How many at most, 1 to 100. Default: 100.")]
    public string? Count { get; init; }

    [FromQuery(Name = "startIndex"), Description("How many to pass over, 0 to 100,000. Default: 0.")]
    public string? StartIndex { get; init; }

    [FromQuery(Name = "configId"), Description("Only logs of the webhook with this id.")]
    public string? ConfigId { get; init; }

    [FromQuery(Name = "eventId"), Description("Only the log with this id.")]
    public string? EventId { get; init; }

    [FromQuery(Name = "hookUri"), Description("Only logs of webhooks with exactly this URI.")]
    public string? HookUri { get; init; }

    [FromQuery(Name = "userId"), Description("Only logs of webhooks that this person created.")]
    public string? UserId { get; init; }

    [FromQuery(Name = "trigger"), Description("Only logs of this trigger, by its number. 0: of all.")]
    public string? Trigger { get; init; }

    [FromQuery(Name = "deliveryFrom"), Description("Only logs whose last attempt ended at this time or later.")]
    public string? DeliveryFrom { get; init; }

    [FromQuery(Name = "deliveryTo"), Description("Only logs whose last attempt ended at this time or earlier.")]
    public string? DeliveryTo { get; init; }

    [FromQuery(Name = "groupStatus"), Description("Only logs of these groups of statuses: names with commas between, or the sum of their numbers.")]
    public string? GroupStatus { get; init; }
}
