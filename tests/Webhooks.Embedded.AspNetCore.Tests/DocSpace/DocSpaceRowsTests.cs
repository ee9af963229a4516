using System.Text;
using Microsoft.AspNetCore.Http;
using Webhooks.Embedded.AspNetCore.DocSpace;

namespace Webhooks.Embedded.AspNetCore.Tests.DocSpace;

/// <summary>The shape of the answers, byte by byte: clients were written against it.</summary>
public sealed class DocSpaceRowsTests
{
    private static readonly DocSpaceTriggers Triggers = new(
        [new WebhookTrigger { Name = "file.created", Number = 7 }, new WebhookTrigger { Name = "file.deleted", Number = 8 }]);

    internal static readonly Webhook Webhook = new()
    {
        Id = 5,
        Uid = Guid.Empty,
        Tenant = "",
        Name = "Büro",
        Url = "https://example.com/a?b=1&c=2",
        Triggers = ["file.*"],
        Target = null,
        Filters = [],
        SignatureProfile = null,
        Metadata = null,
        SecretHint = "",
        Version = 1,
        Enabled = true,
        DisabledReason = null,
        VerifyTls = true,
        Timeout = null,
        RetryDelays = null,
        RateLimit = null,
        CreatedBy = null,
        CreatedAt = new DateTimeOffset(2026, 1, 31, 18, 30, 0, TimeSpan.FromHours(4)),
        UpdatedAt = new DateTimeOffset(2026, 1, 31, 14, 30, 0, 120, TimeSpan.Zero),
        LastSuccessAt = null,
        LastFailureAt = null,
        LastFailure = null,
        LastStatusCode = null,
        Health = new WebhookHealth
        {
            Breaker = WebhookBreakerState.Closed,
            PausedUntil = null,
            PauseReason = null,
            Failures = 0,
            FailingSince = null,
            DisabledAt = null,
        },
    };

    private static readonly WebhookDelivery Delivery = new()
    {
        Id = 9007199254740991,
        EventId = Guid.Empty,
        Trigger = "file.created",
        Tenant = "",
        WebhookId = 5,
        WebhookUid = Guid.Empty,
        WebhookName = "Büro",
        Status = WebhookDeliveryStatus.Retrying,
        Attempts = 1,
        CreatedAt = new DateTimeOffset(2026, 1, 31, 14, 30, 0, TimeSpan.Zero),
        DueAt = null,
        FinishedAt = null,
        LastAttempt = new WebhookAttempt
        {
            DeliveryId = 9007199254740991,
            Number = 1,
            StartedAt = new DateTimeOffset(2026, 1, 31, 14, 30, 1, TimeSpan.Zero),
            Duration = TimeSpan.FromMilliseconds(250),
            Outcome = WebhookAttemptOutcome.HttpError,
            StatusCode = 500,
            Error = "The receiver answered 500.",
            Url = "https://example.com/a",
            RequestHeaders = [new("Accept", "*/*"), new("webhook-id", "1")],
            ResponseHeaders = [new("Set-Cookie", "a"), new("Date", "now"), new("set-cookie", "b")],
            ResponseBody = "<oops>",
            ResponseTruncated = false,
        },
        Payload = Encoding.UTF8.GetBytes("""{"id":1,"name":"ü"}"""),
    };

    [Fact]
    public async Task A_config_leaves_out_what_is_null() => Assert.Equal(
        """
        {"response":{"id":5,"name":"Büro","uri":"https://example.com/a?b=1&c=2","enabled":true,"ssl":true,"triggers":384,"triggerNames":["file.*"],"createdOn":"2026-01-31T14:30:00.000Z","modifiedOn":"2026-01-31T14:30:00.120Z"},"count":1,"links":[{"href":"https://host/base/api/2.0/settings/webhook?x=1","action":"PUT"}],"status":0,"statusCode":200}
        """,
        await WriteAsync(http => DocSpaceAnswer.Item(http, DocSpaceRows.Config(Webhook, Triggers))));

    [Fact]
    public async Task A_config_shows_all_that_it_has() => Assert.Equal(
        """
        {"response":{"id":5,"name":"Büro","uri":"https://example.com/a?b=1&c=2","enabled":true,"ssl":true,"triggers":0,"triggerNames":["*"],"targetId":"7","createdBy":{"id":"someone","displayName":"someone"},"createdOn":"2026-01-31T14:30:00.000Z","modifiedOn":"2026-01-31T14:30:00.120Z","lastFailureOn":"2026-01-31T14:30:00.120Z","lastFailureContent":"The receiver answered 500.","lastSuccessOn":"2026-01-31T14:30:00.000Z"},"count":1,"links":[{"href":"https://host/base/api/2.0/settings/webhook?x=1","action":"PUT"}],"status":0,"statusCode":200}
        """,
        await WriteAsync(http => DocSpaceAnswer.Item(http, DocSpaceRows.Config(
            Webhook with
            {
                Triggers = ["*"],
                Target = "7",
                CreatedBy = "someone",
                LastFailureAt = Webhook.UpdatedAt,
                LastFailure = "The receiver answered 500.",
                LastSuccessAt = Webhook.CreatedAt,
            },
            Triggers))));

    [Fact]
    public async Task A_row_of_the_list_has_the_webhook_flat_and_under_configs() => Assert.Equal(
        """
        {"response":[{"id":5,"name":"Büro","uri":"https://example.com/a?b=1&c=2","enabled":true,"ssl":true,"triggers":384,"triggerNames":["file.*"],"createdOn":"2026-01-31T14:30:00.000Z","modifiedOn":"2026-01-31T14:30:00.120Z","configs":{"id":5,"name":"Büro","uri":"https://example.com/a?b=1&c=2","enabled":true,"ssl":true,"triggers":384,"triggerNames":["file.*"],"createdOn":"2026-01-31T14:30:00.000Z","modifiedOn":"2026-01-31T14:30:00.120Z"},"status":503}],"count":1,"links":[{"href":"https://host/base/api/2.0/settings/webhook?x=1","action":"PUT"}],"status":0,"statusCode":200}
        """,
        await WriteAsync(http => DocSpaceAnswer.List(http, [DocSpaceRows.Webhook(Webhook with { LastStatusCode = 503 }, Triggers)])));

    [Fact]
    public async Task A_log_has_headers_as_json_within_a_string() => Assert.Equal(
        """
        {"response":[{"id":9007199254740991,"configName":"Büro","trigger":128,"triggerName":"file.created","creationTime":"2026-01-31T14:30:00.000Z","requestHeaders":"{\"Accept\":[\"*/*\"],\"webhook-id\":[\"1\"]}","requestPayload":"{\"id\":1,\"name\":\"ü\"}","responseHeaders":"{\"Set-Cookie\":[\"a\",\"b\"],\"Date\":[\"now\"]}","responsePayload":"<oops>","status":500,"delivery":"2026-01-31T14:30:01.250Z"}],"count":1,"total":17,"links":[{"href":"https://host/base/api/2.0/settings/webhook?x=1","action":"PUT"}],"status":0,"statusCode":200}
        """,
        await WriteAsync(http => DocSpaceAnswer.List(http, [DocSpaceRows.Log(Delivery, Triggers)], total: 17)));

    [Fact]
    public void A_log_without_an_answer_has_status_0_and_says_why()
    {
        var row = DocSpaceRows.Log(
            Delivery with { LastAttempt = Delivery.LastAttempt! with { StatusCode = null, ResponseBody = null, ResponseHeaders = [], Error = "No connection." } },
            Triggers);
        Assert.Equal((0, "No connection.", null), (row.Status, row.ResponsePayload, row.ResponseHeaders));
        Assert.NotNull(row.Delivery);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_log_that_was_never_attempted_or_awaits_its_retry_has_no_delivery(bool isAwaited)
    {
        var row = DocSpaceRows.Log(isAwaited ? Delivery : Delivery with { LastAttempt = null }, Triggers, isAwaited);
        Assert.Equal(0, row.Status);
        Assert.Null(row.Delivery);
        Assert.Null(row.ResponsePayload);
        Assert.Null(row.RequestHeaders);
    }

    [Fact]
    public void A_log_of_a_trigger_that_is_no_more_still_has_its_name()
    {
        var row = DocSpaceRows.Log(Delivery with { Trigger = "gone.trigger" }, Triggers);
        Assert.Equal((0, "gone.trigger"), (row.Trigger, row.TriggerName));
    }

    [Fact]
    public async Task An_empty_list_is_an_empty_array() => Assert.Equal(
        """{"response":[],"count":0,"total":0,"links":[{"href":"https://host/base/api/2.0/settings/webhook?x=1","action":"PUT"}],"status":0,"statusCode":200}""",
        await WriteAsync(http => DocSpaceAnswer.List<DocSpaceLogRow>(http, [], total: 0)));

    [Fact]
    public async Task Not_found_is_an_error_in_words() => Assert.Equal(
        """{"error":{"message":"The record could not be found."},"status":1,"statusCode":404}""",
        await WriteAsync(_ => new DocSpaceRefusals().Refuse(404, DocSpaceRefusals.NotFound().Message)));

    private static async Task<string> WriteAsync(Func<HttpContext, IResult> answer)
    {
        var http = new DefaultHttpContext { Request = { Scheme = "https", Host = new HostString("host"), PathBase = "/base", Path = "/api/2.0/settings/webhook", QueryString = new("?x=1"), Method = "PUT" } };
        using var body = new MemoryStream();
        http.Response.Body = body;
        await answer(http).ExecuteAsync(http);
        Assert.Equal("application/json; charset=utf-8", http.Response.ContentType);
        return Encoding.UTF8.GetString(body.ToArray());
    }
}
