using System.Text.Json;
using Webhooks.Embedded.AspNetCore.Admin;

namespace Webhooks.Embedded.AspNetCore.Tests.Admin;

/// <summary>Why the next attempt is when it is, from what is stored.</summary>
public sealed class NextAttemptTests
{
    private static readonly DateTimeOffset Finished = new(2030, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(1, 5, "Retry 1 of 9 of the schedule: 5 s ±20 % after attempt 1.")]
    [InlineData(1, 4, "Retry 1 of 9 of the schedule: 5 s ±20 % after attempt 1.")]
    [InlineData(1, 6, "Retry 1 of 9 of the schedule: 5 s ±20 % after attempt 1.")]
    [InlineData(3, 1800, "Retry 3 of 9 of the schedule: 30 min ±20 % after attempt 3.")]
    [InlineData(9, 86_400, "Retry 9 of 9 of the schedule: 24 h ±20 % after attempt 9.")]
    public void The_schedule_explains_a_wait_within_its_jitter(int attempts, int seconds, string detail)
    {
        var next = Retrying(attempts, TimeSpan.FromSeconds(seconds))!;

        Assert.Equal((NextAttemptReason.Schedule, detail), (next.Because, next.Detail));
        Assert.Equal(Finished.AddSeconds(seconds), next.DueAt);
    }

    [Fact]
    public void A_longer_wait_that_the_receiver_asked_for_is_its_wish() =>
        Assert.Equal(NextAttemptReason.RetryAfter, Retrying(1, TimeSpan.FromMinutes(2), retryAfter: "120")!.Because);

    [Theory]
    [InlineData(1, 120, null)]
    [InlineData(1, 1, null)]
    [InlineData(1, 1, "120")]
    [InlineData(1, -10, null)]
    [InlineData(1, 4000, "86400")]
    [InlineData(10, 60, null)]
    public void What_the_schedule_does_not_explain_is_not_put_down_to_it(int attempts, int seconds, string? retryAfter) =>
        Assert.Equal(NextAttemptReason.Moved, Retrying(attempts, TimeSpan.FromSeconds(seconds), retryAfter)!.Because);

    [Theory]
    [InlineData(WebhookDeliveryStatus.Pending, "first")]
    [InlineData(WebhookDeliveryStatus.Leased, "under_way")]
    [InlineData(WebhookDeliveryStatus.Parked, "webhook_disabled")]
    public void Every_unfinished_status_has_a_reason(WebhookDeliveryStatus status, string because)
    {
        var next = NextAttempt.Of(Delivery(status, 0, null, null), new WebhookRetryOptions())!;

        Assert.Equal(because, JsonNamingPolicy.SnakeCaseLower.ConvertName(next.Because.ToString()));
        Assert.NotEmpty(next.Detail);
    }

    [Fact]
    public void A_delivery_that_could_not_be_signed_says_so()
    {
        var last = Attempt(1, null) with { Outcome = WebhookAttemptOutcome.SecretUnreadable };

        Assert.Equal(
            NextAttemptReason.SecretUnreadable, NextAttempt.Of(Delivery(WebhookDeliveryStatus.Parked, 1, null, last), new WebhookRetryOptions())!.Because);
    }

    [Theory]
    [InlineData(WebhookDeliveryStatus.Pending, WebhookPauseReason.Breaker, "breaker_open")]
    [InlineData(WebhookDeliveryStatus.Retrying, WebhookPauseReason.Receiver, "receiver_asked")]
    [InlineData(WebhookDeliveryStatus.Pending, WebhookPauseReason.RateLimit, "rate_limited")]
    public void What_is_due_while_its_webhook_is_paused_waits_for_the_end_of_the_pause(WebhookDeliveryStatus status, WebhookPauseReason reason, string because)
    {
        var until = Finished.AddMinutes(5);
        var paused = Delivery(status, 1, Finished.AddSeconds(5), Attempt(1, null)) with { WebhookPausedUntil = until, WebhookPauseReason = reason };

        var next = NextAttempt.Of(paused, new WebhookRetryOptions())!;

        Assert.Equal((because, until), (JsonNamingPolicy.SnakeCaseLower.ConvertName(next.Because.ToString()), next.DueAt));
        Assert.NotEmpty(next.Detail);
        Assert.Equal(NextAttemptReason.Schedule, NextAttempt.Of(Retry(Finished.AddMinutes(5)), new WebhookRetryOptions())!.Because);

        // What is due after the pause does not wait for it.
        WebhookDelivery Retry(DateTimeOffset dueAt) =>
            Delivery(WebhookDeliveryStatus.Retrying, 2, dueAt, Attempt(2, null)) with { WebhookPausedUntil = until, WebhookPauseReason = reason };
    }

    [Fact]
    public void A_finished_delivery_has_no_next_attempt()
    {
        foreach (var status in new[]
        {
            WebhookDeliveryStatus.Delivered, WebhookDeliveryStatus.Exhausted, WebhookDeliveryStatus.Cancelled, WebhookDeliveryStatus.Quarantined,
        })
        {
            Assert.Null(NextAttempt.Of(Delivery(status, 1, null, Attempt(1, null)), new WebhookRetryOptions()));
        }
    }

    [Fact]
    public async Task A_delivery_says_why_its_next_attempt_is_when_it_is()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Status = 500;
        await using var host = await AdminHost.StartAsync(
            dispatch: true, configure: options => options.Retry.Delays = [TimeSpan.FromDays(1), TimeSpan.FromDays(2)]);
        await host.CreateWebhookAsync(url: receiver.Url);
        await host.PublishAsync();
        var retrying = await RetryingAsync(host);

        var next = retrying.Node!["nextAttempt"]!;

        Assert.Equal("schedule", next["because"]!.GetValue<string>());
        Assert.Equal("Retry 1 of 2 of the schedule: 24 h ±20 % after attempt 1.", next["detail"]!.GetValue<string>());
        Assert.Equal(retrying.Text("dueAt"), next["dueAt"]!.GetValue<string>());
        await host.PostAsync("webhooks/1/disable");
        var parked = (await Json.OfAsync(await host.GetAsync("deliveries"))).Node!["items"]![0]!["nextAttempt"]!;
        Assert.Equal("webhook_disabled", parked["because"]!.GetValue<string>());
        Assert.Null(parked["dueAt"]);
    }

    private static async Task<Json> RetryingAsync(AdminHost host)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            var delivery = await Json.OfAsync(await host.Client.GetAsync("deliveries/1", patience.Token));
            if (delivery.Text("status") == "retrying")
            {
                return delivery;
            }

            await Task.Delay(20, patience.Token);
        }
    }

    private static NextAttempt? Retrying(int attempts, TimeSpan wait, string? retryAfter = null) => NextAttempt.Of(
        Delivery(WebhookDeliveryStatus.Retrying, attempts, Finished + wait, Attempt(attempts, retryAfter)), new WebhookRetryOptions());

    private static WebhookAttempt Attempt(int number, string? retryAfter) => new()
    {
        DeliveryId = 1,
        Number = number,
        StartedAt = Finished - TimeSpan.FromSeconds(1),
        Duration = TimeSpan.FromSeconds(1),
        Outcome = WebhookAttemptOutcome.HttpError,
        StatusCode = 503,
        Error = "The receiver answered 503.",
        Url = "https://example.com/",
        RequestHeaders = [],
        ResponseHeaders = retryAfter is null ? [] : [KeyValuePair.Create("retry-after", retryAfter)],
        ResponseBody = "",
        ResponseTruncated = false,
    };

    private static WebhookDelivery Delivery(WebhookDeliveryStatus status, int attempts, DateTimeOffset? dueAt, WebhookAttempt? last) => new()
    {
        Id = 1,
        EventId = Guid.Empty,
        Trigger = "order.paid",
        Tenant = "",
        WebhookId = 1,
        WebhookUid = Guid.Empty,
        WebhookName = "Orders",
        Status = status,
        Attempts = attempts,
        CreatedAt = Finished,
        DueAt = dueAt,
        FinishedAt = null,
        LastAttempt = last,
    };
}
