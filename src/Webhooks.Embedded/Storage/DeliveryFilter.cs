using System.Globalization;
using Dapper;

namespace Webhooks.Embedded.Storage;

/// <summary>
/// A delivery query as conditions over the two tables that make up the log. Columns that have the same meaning in both have the same name;
/// <c>d</c> is the delivery, <c>e</c> its event and <c>w</c> its webhook.
/// </summary>
internal static class DeliveryFilter
{
    private static readonly WebhookDeliveryStatus[] UnfinishedStatuses =
        [WebhookDeliveryStatus.Pending, WebhookDeliveryStatus.Leased, WebhookDeliveryStatus.Retrying, WebhookDeliveryStatus.Parked];

    public static bool WantsUnfinished(WebhookDeliveryQuery query) =>
        query.Statuses.Count == 0 || query.Statuses.Any(UnfinishedStatuses.Contains);

    public static bool WantsFinished(WebhookDeliveryQuery query) =>
        query.Statuses.Count == 0 || query.Statuses.Any(status => !UnfinishedStatuses.Contains(status));

    public static SqlFilter Unfinished(WebhookDeliveryQuery query, TenantScope scope)
    {
        var filter = Common(query, scope, attemptedAt: "d.attempted_at");
        filter.Add(query.Statuses.Count > 0, AnyOf(query.Statuses.Select(UnfinishedStatus)));
        return filter;
    }

    public static SqlFilter Finished(WebhookDeliveryQuery query, TenantScope scope)
    {
        var filter = Common(query, scope, attemptedAt: "(d.started_at + d.duration_ms)");
        filter.Add(
            query.Statuses.Count > 0,
            AnyOf(query.Statuses.Where(status => !UnfinishedStatuses.Contains(status)).Select(status => $"d.status = {(int)status}")));
        return filter;
    }

    /// <summary>The values of the parameters that the conditions name.</summary>
    public static DynamicParameters Parameters(
        WebhookDeliveryQuery query, TenantScope scope, SqlDialect dialect, long now, long beforeId, int limit, long fromId = 0)
    {
        var parameters = new DynamicParameters(new
        {
            FromId = fromId,
            BeforeId = beforeId,
            Now = now,
            Tenant = StoredText.Clean(query.Tenant),
            ScopeTenant = scope.Tenant,
            query.WebhookId,
            WebhookUid = query.WebhookUid is { } webhook ? dialect.ToColumn(webhook) : null,
            WebhookUrl = StoredText.Clean(query.WebhookUrl),
            WebhookCreatedBy = StoredText.Clean(query.WebhookCreatedBy),
            EventUid = query.EventId is { } uid ? dialect.ToColumn(uid) : null,
            Trigger = StoredText.Clean(query.Trigger),
            query.StatusCode,
            query.AttemptsFrom,
            query.AttemptsTo,
            CreatedFrom = StoredTime.Write(query.CreatedFrom),
            CreatedTo = StoredTime.Write(query.CreatedTo),
            AttemptedFrom = StoredTime.Write(query.AttemptedFrom),
            AttemptedTo = StoredTime.Write(query.AttemptedTo),
            Limit = limit,
            Offset = 0,
        });

        // One by one: engines do not agree on how a list is given.
        foreach (var (number, eventId) in query.EventIds.Index())
        {
            parameters.Add(EventUid(number), dialect.ToColumn(eventId));
        }

        return parameters;
    }

    private static SqlFilter Common(WebhookDeliveryQuery query, TenantScope scope, string attemptedAt)
    {
        var filter = new SqlFilter("d.id < @BeforeId" + scope.And("e.tenant"));
        filter.Add(query.Ids.Count > 0, $"d.id in ({string.Join(',', query.Ids)})");
        filter.Add(query.Tenant is not null, "e.tenant = @Tenant");
        filter.Add(query.WebhookId is not null, "d.webhook_id = @WebhookId");
        filter.Add(query.WebhookUid is not null, "w.uid = @WebhookUid");
        filter.Add(query.WebhookUrl is not null, "w.url = @WebhookUrl");
        filter.Add(query.WebhookCreatedBy is not null, "w.created_by = @WebhookCreatedBy");
        filter.Add(query.EventId is not null, "e.uid = @EventUid");
        filter.Add(query.EventIds.Count > 0, $"e.uid in ({string.Join(", ", query.EventIds.Select((_, number) => $"@{EventUid(number)}"))})");
        filter.Add(query.Trigger is not null, "e.trigger_name = @Trigger");
        filter.Add(query.StatusCode is not null, "d.status_code = @StatusCode");
        filter.Add(query.Outcomes.Count > 0, $"d.outcome in ({string.Join(',', query.Outcomes.Select(outcome => (int)outcome))})");
        filter.Add(query.AttemptsFrom is not null, "d.attempts >= @AttemptsFrom");
        filter.Add(query.AttemptsTo is not null, "d.attempts <= @AttemptsTo");
        filter.Add(query.CreatedFrom is not null, "d.created_at >= @CreatedFrom");
        filter.Add(query.CreatedTo is not null, "d.created_at <= @CreatedTo");
        filter.Add(query.AttemptedFrom is not null, $"{attemptedAt} >= @AttemptedFrom");
        filter.Add(query.AttemptedTo is not null, $"{attemptedAt} <= @AttemptedTo");
        filter.Add(query.Answers != WebhookAnswers.Any, AnyOf(Answers(query.Answers)));
        return filter;
    }

    /// <summary>The status of a delivery in the queue is not stored: it follows from its due time, its claim and its attempts.</summary>
    private static string UnfinishedStatus(WebhookDeliveryStatus status) => status switch
    {
        WebhookDeliveryStatus.Parked => "d.due_at is null",
        WebhookDeliveryStatus.Leased => "(d.claimed_at is not null and d.due_at > @Now)",
        WebhookDeliveryStatus.Pending => "(d.attempts = 0 and (d.claimed_at is null or d.due_at <= @Now) and d.due_at is not null)",
        WebhookDeliveryStatus.Retrying => "(d.attempts > 0 and (d.claimed_at is null or d.due_at <= @Now) and d.due_at is not null)",
        _ => "1 = 0",
    };

    private static IEnumerable<string> Answers(WebhookAnswers answers)
    {
        if (answers.HasFlag(WebhookAnswers.NotAttempted))
        {
            yield return "d.attempts = 0";
        }

        if (answers.HasFlag(WebhookAnswers.NoAnswer))
        {
            yield return "(d.attempts > 0 and d.status_code is null)";
        }

        if (answers.HasFlag(WebhookAnswers.Success))
        {
            yield return "d.status_code between 200 and 299";
        }

        if (answers.HasFlag(WebhookAnswers.Redirect))
        {
            yield return "d.status_code between 300 and 399";
        }

        if (answers.HasFlag(WebhookAnswers.ClientError))
        {
            yield return "d.status_code between 400 and 499";
        }

        if (answers.HasFlag(WebhookAnswers.ServerError))
        {
            yield return "d.status_code >= 500";
        }
    }

    private static string EventUid(int number) => string.Create(CultureInfo.InvariantCulture, $"EventUid{number}");

    private static string AnyOf(IEnumerable<string> conditions) => $"({string.Join(" or ", conditions)})";
}
