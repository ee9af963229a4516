using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Webhooks.Embedded.AspNetCore.DocSpace;

namespace Webhooks.Embedded.AspNetCore.Tests.DocSpace;

public sealed class DocSpaceLogQueryTests
{
    private static readonly DocSpaceTriggers Triggers = new([new WebhookTrigger { Name = "file.created", Number = 7 }]);

    [Fact]
    public void Without_parameters_it_is_the_newest_hundred_of_the_tenant_with_payloads()
    {
        var query = Read("");
        Assert.Equal(new WebhookDeliveryQuery { Limit = 100, IncludePayload = true }, query with { Statuses = new WebhookDeliveryQuery().Statuses });
    }

    [Fact]
    public void Every_filter_has_its_place()
    {
        var query = Read("?count=50&startIndex=10&configId=7&eventId=99&hookUri=https%3A%2F%2Fexample.com%2Fa&trigger=128&userId=u1"
            + "&deliveryFrom=2026-01-01T00:00:00Z&deliveryTo=2026-01-02T00:00:00Z&groupStatus=Failed");
        Assert.Equal((50, 10), (query.Limit, query.Offset));
        Assert.Equal((7L, 99L), (query.WebhookId, query.Ids.SingleOrDefault()));
        Assert.Equal(("https://example.com/a", "file.created", "u1"), (query.WebhookUrl, query.Trigger, query.WebhookCreatedBy));
        Assert.Equal(Utc(2026, 1, 1), query.AttemptedFrom);
        Assert.Equal(Utc(2026, 1, 2), query.AttemptedTo);
        Assert.Equal(WebhookAnswers.Failed, query.Answers);
    }

    [Theory]
    [InlineData("?count=")]
    [InlineData("?trigger=0")]
    [InlineData("?groupStatus=None&hookUri=&configId=")]
    public void What_says_nothing_filters_nothing(string text)
    {
        var query = Read(text);
        Assert.Equal((100, 0), (query.Limit, query.Offset));
        Assert.Null(query.Trigger);
        Assert.Null(query.WebhookUrl);
        Assert.Null(query.WebhookId);
        Assert.Equal(WebhookAnswers.Any, query.Answers);
    }

    [Theory]
    [InlineData("64")]
    [InlineData("129")]
    public void A_number_that_is_no_triggers_finds_nothing_rather_than_everything(string trigger)
    {
        var query = Read($"?trigger={trigger}");
        Assert.NotNull(query.Trigger);
        Assert.NotEqual("file.created", query.Trigger);
    }

    [Theory]
    [InlineData("2026-01-31T18:30:00Z", "2026-01-31T18:30:00Z")]
    [InlineData("2026-01-31T18:30:00", "2026-01-31T18:30:00Z")]
    [InlineData("2026-01-31", "2026-01-31T00:00:00Z")]
    [InlineData("2026-01-31 18:30", "2026-01-31T18:30:00Z")]
    [InlineData("2026-01-31T18:30:00.1234567%2B04:00", "2026-01-31T14:30:00.1234567Z")]
    [InlineData("2026-01-31T18:30:00.1234567+04:00", "2026-01-31T14:30:00.1234567Z")]
    [InlineData("2026-01-31T18:30:00+04:00", "2026-01-31T14:30:00Z")]
    [InlineData("2026-01-31T18:30+0400", "2026-01-31T14:30:00Z")]
    [InlineData("2026-01-31+18:30:00+04:00", "2026-01-31T14:30:00Z")]
    [InlineData("2026-01-31T18:30:00-02:30", "2026-01-31T21:00:00Z")]
    public void Times_are_read_with_their_offset_and_as_utc_without(string text, string expected) =>
        Assert.Equal(DateTimeOffset.Parse(expected), Read($"?deliveryFrom={text}").AttemptedFrom);

    [Theory]
    [InlineData("count", "0")]
    [InlineData("count", "101")]
    [InlineData("count", "many")]
    [InlineData("count", "1.5")]
    [InlineData("startIndex", "-1")]
    [InlineData("startIndex", "100001")]
    [InlineData("configId", "abc")]
    [InlineData("configId", "99999999999999999999")]
    [InlineData("eventId", "7f")]
    [InlineData("trigger", "-1")]
    [InlineData("trigger", "file.created")]
    [InlineData("deliveryFrom", "yesterday")]
    [InlineData("deliveryFrom", "18:30")]
    [InlineData("deliveryTo", "2026-13-01")]
    [InlineData("groupStatus", "Broken")]
    public void What_is_not_valid_is_refused_by_its_name(string name, string value)
    {
        var e = Assert.Throws<WebhookValidationException>(() => Read($"?{name}={value}"));
        var error = Assert.Single(e.Errors);
        Assert.Equal(name, error.Field);
        Assert.Contains($"'{value}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_that_is_wrong_is_named_at_once()
    {
        var e = Assert.Throws<WebhookValidationException>(() => Read("?count=0&startIndex=-1&groupStatus=Broken"));
        Assert.Equal(["count", "groupStatus", "startIndex"], e.Errors.Select(error => error.Field).Order());
    }

    [Fact]
    public void A_status_given_twice_means_both() =>
        Assert.Equal(WebhookAnswers.ClientError | WebhookAnswers.ServerError, Read("?groupStatus=Status4xx&groupStatus=Status5xx").Answers);

    private static WebhookDeliveryQuery Read(string query) =>
        DocSpaceLogQuery.Read(new QueryCollection(QueryHelpers.ParseQuery(query)), Triggers);

    private static DateTimeOffset Utc(int year, int month, int day) => new(year, month, day, 0, 0, 0, TimeSpan.Zero);
}
