using Webhooks.Embedded.Storage;
using Webhooks.Embedded.StoreContract;

namespace Webhooks.Embedded.SqlServer.Tests;

/// <summary>Texts are compared as they are, though a database's default says that case, accents and trailing spaces do not count.</summary>
public sealed class SqlServerTextTests : StoreTest<SqlServerStore>
{
    [Theory]
    [InlineData("order-a", "order-A")]
    [InlineData("order-e", "order-é")]
    [InlineData("order", "order ")]
    [InlineData("ss", "ß")]
    public async Task Keys_that_differ_are_two_keys(string one, string other)
    {
        var first = await PublishAsync(options: new PublishOptions { IdempotencyKey = one });
        var second = await PublishAsync(options: new PublishOptions { IdempotencyKey = other });

        Assert.NotEqual(first.Id, second.Id);
        Assert.False(second.IsDuplicate);
        Assert.True((await PublishAsync(options: new PublishOptions { IdempotencyKey = other })).IsDuplicate);
    }

    [Fact]
    public async Task The_same_key_of_tenants_that_differ_in_case_or_trailing_spaces_is_another_key()
    {
        string[] tenants = ["acme", "ACME", "acme "];
        var published = new List<PublishedEvent>();
        foreach (var tenant in tenants)
        {
            published.Add(await PublishAsync(options: new PublishOptions { Tenant = tenant, IdempotencyKey = "17" }));
        }

        Assert.All(published, result => Assert.False(result.IsDuplicate));
    }

    [Fact]
    public async Task Lists_tell_tenants_and_names_apart_by_case()
    {
        await RegisterAsync("Shop", tenant: "acme");
        await RegisterAsync("shop", tenant: "ACME");
        await PublishAsync(options: new PublishOptions { Tenant = "acme" });

        Assert.Single((await Registry.ListAsync(new WebhookQuery { Tenant = "ACME" }, Cancellation)).Items);
        Assert.Empty((await Deliveries.ListAsync(new WebhookDeliveryQuery { Tenant = "ACME" }, Cancellation)).Items);
        Assert.Empty((await Events.ListAsync(new WebhookEventQuery { Tenant = "Acme" }, Cancellation)).Items);
        Assert.Single((await Events.ListAsync(new WebhookEventQuery { Tenant = "acme" }, Cancellation)).Items);
    }

    [Fact]
    public async Task Texts_are_kept_as_they_came()
    {
        const string Text = "日本 😀 e\u0301 \u2028 \u202e 'quoted' \"twice\" ~1 ~ \\n a\\b\r\n\ttab (),/:;<=>?@[]{} ";

        await RegisterAsync();
        await PublishAsync(options: new PublishOptions { Target = Text });
        var delivery = await Get<SqlDialect>().ClaimAsync(
            new ClaimRequest(1, 1, 0, new Dictionary<long, int>(), Get<StoreClock>().Now, Get<StoreClock>().Now + 1000, 0), Cancellation);
        var attempt = new AttemptData
        {
            Number = 1,
            StartedAt = 1,
            DurationMs = 1,
            Outcome = WebhookAttemptOutcome.HttpError,
            Error = Text,
            UrlNumber = 1,
            ResponseBody = [],
            ResponseTruncated = true,
        };
        await Get<StoreWriter>().RecordAsync(
            DeliveryRecord.Finish(delivery.Deliveries[0], attempt, WebhookDeliveryStatus.Exhausted, 2));

        var stored = Assert.Single(await Deliveries.AttemptsAsync(delivery.Deliveries[0].Id, Cancellation));
        Assert.Equal(Text, stored.Error);
        Assert.Equal("", stored.ResponseBody);
        Assert.True(stored.ResponseTruncated);
        Assert.Equal(Text, (await Events.FindAsync(delivery.Deliveries[0].EventUid, Cancellation))!.Target);
    }
}
