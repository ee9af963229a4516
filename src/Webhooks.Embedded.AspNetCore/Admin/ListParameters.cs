using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using Webhooks.Embedded.AspNetCore.Requests;

namespace Webhooks.Embedded.AspNetCore.Admin;

// All are text, so that parameter binding never fails: it would answer without a word about what is wrong.

internal sealed class WebhookListParameters
{
    [FromQuery(Name = "tenant"), Description("Only webhooks of this tenant.")]
    public string? Tenant { get; set; }

    [FromQuery(Name = "enabled"), Description("Only enabled (true) or disabled (false) ones.")]
    public string? Enabled { get; set; }

    [FromQuery(Name = "cursor"), Description("next of the page before.")]
    public string? Cursor { get; set; }

    [FromQuery(Name = "limit"), Description("How many at most, 1 to 200. Default: 50.")]
    public string? Limit { get; set; }

    public WebhookQuery ToQuery(WebhookScope scope)
    {
        var values = new QueryValues();
        var query = new WebhookQuery
        {
            Tenant = Tenant is null ? null : scope.TenantOf(Tenant),
            Enabled = values.Boolean("enabled", Enabled),
            Cursor = values.Text("cursor", Cursor),
            Limit = values.Limit(Limit),
        };
        values.ThrowIfFaulty();
        return query;
    }
}

internal sealed class EventListParameters
{
    [FromQuery(Name = "tenant"), Description("Only events of this tenant.")]
    public string? Tenant { get; set; }

    [FromQuery(Name = "trigger"), Description("Only events of this trigger.")]
    public string? Trigger { get; set; }

    [FromQuery(Name = "publishedFrom"), Description("Only events published at this time or later.")]
    public string? PublishedFrom { get; set; }

    [FromQuery(Name = "publishedTo"), Description("Only events published at this time or earlier.")]
    public string? PublishedTo { get; set; }

    [FromQuery(Name = "cursor"), Description("next of the page before.")]
    public string? Cursor { get; set; }

    [FromQuery(Name = "limit"), Description("How many at most, 1 to 200. Default: 50.")]
    public string? Limit { get; set; }

    public WebhookEventQuery ToQuery(WebhookScope scope)
    {
        var values = new QueryValues();
        var query = new WebhookEventQuery
        {
            Tenant = Tenant is null ? null : scope.TenantOf(Tenant),
            Trigger = values.Text("trigger", Trigger),
            PublishedFrom = values.Time("publishedFrom", PublishedFrom),
            PublishedTo = values.Time("publishedTo", PublishedTo),
            Cursor = values.Text("cursor", Cursor),
            Limit = values.Limit(Limit),
        };
        values.InOrder("publishedFrom", query.PublishedFrom, query.PublishedTo);
        values.ThrowIfFaulty();
        return query;
    }
}

internal sealed class DeliveryListParameters
{
    private const int MaxAttempts = 1_000_000;

    [FromQuery(Name = "webhook"), Description("Only deliveries of the webhook with this number or UUID, be it deleted or not.")]
    public string? Webhook { get; set; }

    [FromQuery(Name = "status"), Description("Only deliveries with one of these statuses; to be repeated.")]
    public string[] Status { get; set; } = [];

    [FromQuery(Name = "trigger"), Description("Only deliveries of this trigger.")]
    public string? Trigger { get; set; }

    [FromQuery(Name = "tenant"), Description("Only deliveries of this tenant.")]
    public string? Tenant { get; set; }

    [FromQuery(Name = "event"), Description("Only deliveries of this event.")]
    public string? Event { get; set; }

    [FromQuery(Name = "answer"), Description("Only deliveries whose last attempt got one of these classes of answer; to be repeated.")]
    public string[] Answer { get; set; } = [];

    [FromQuery(Name = "statusCode"), Description("Only deliveries whose last attempt got this HTTP status.")]
    public string? StatusCode { get; set; }

    [FromQuery(Name = "outcome"), Description("Only deliveries whose last attempt ended with one of these outcomes; to be repeated.")]
    public string[] Outcome { get; set; } = [];

    [FromQuery(Name = "attemptsFrom"), Description("Only deliveries with this many attempts or more.")]
    public string? AttemptsFrom { get; set; }

    [FromQuery(Name = "attemptsTo"), Description("Only deliveries with this many attempts or fewer.")]
    public string? AttemptsTo { get; set; }

    [FromQuery(Name = "createdFrom"), Description("Only deliveries whose event was published at this time or later.")]
    public string? CreatedFrom { get; set; }

    [FromQuery(Name = "createdTo"), Description("Only deliveries whose event was published at this time or earlier.")]
    public string? CreatedTo { get; set; }

    [FromQuery(Name = "attemptedFrom"), Description("Only deliveries whose last attempt ended at this time or later.")]
    public string? AttemptedFrom { get; set; }

    [FromQuery(Name = "attemptedTo"), Description("Only deliveries whose last attempt ended at this time or earlier.")]
    public string? AttemptedTo { get; set; }

    [FromQuery(Name = "cursor"), Description("next of the page before.")]
    public string? Cursor { get; set; }

    [FromQuery(Name = "limit"), Description("How many at most, 1 to 200. Default: 50.")]
    public string? Limit { get; set; }

    public WebhookDeliveryQuery ToQuery(WebhookScope scope)
    {
        var values = new QueryValues();
        var (webhookId, webhookUid) = WebhookKey(values);
        var query = new WebhookDeliveryQuery
        {
            WebhookId = webhookId,
            WebhookUid = webhookUid,
            Statuses = values.Names<WebhookDeliveryStatus>("status", Status),
            Trigger = values.Text("trigger", Trigger),
            Tenant = Tenant is null ? null : scope.TenantOf(Tenant),
            EventId = values.Uuid("event", Event),
            Answers = values.Names<WebhookAnswers>("answer", Answer).Aggregate(WebhookAnswers.Any, (all, one) => all | one),
            StatusCode = values.Number("statusCode", StatusCode, 100, 999),
            Outcomes = values.Names<WebhookAttemptOutcome>("outcome", Outcome),
            AttemptsFrom = values.Number("attemptsFrom", AttemptsFrom, 0, MaxAttempts),
            AttemptsTo = values.Number("attemptsTo", AttemptsTo, 0, MaxAttempts),
            CreatedFrom = values.Time("createdFrom", CreatedFrom),
            CreatedTo = values.Time("createdTo", CreatedTo),
            AttemptedFrom = values.Time("attemptedFrom", AttemptedFrom),
            AttemptedTo = values.Time("attemptedTo", AttemptedTo),
            Cursor = values.Text("cursor", Cursor),
            Limit = values.Limit(Limit),
        };
        values.InOrder("attemptsFrom", query.AttemptsFrom, query.AttemptsTo);
        values.InOrder("createdFrom", query.CreatedFrom, query.CreatedTo);
        values.InOrder("attemptedFrom", query.AttemptedFrom, query.AttemptedTo);
        values.ThrowIfFaulty();
        return query;
    }

    private (long? Id, Guid? Uid) WebhookKey(QueryValues values)
    {
        if (Webhook is null)
        {
            return default;
        }

        if (Ids.TryNumber(Webhook, out var number))
        {
            return (number, null);
        }

        if (Ids.TryUuid(Webhook, out var uid))
        {
            return (null, uid);
        }

        values.Fault("webhook", "wrong_type", "Must be the number or the UUID of a webhook.");
        return default;
    }
}
