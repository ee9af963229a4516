using Webhooks.Embedded.AspNetCore.Baanx;

namespace Webhooks.Embedded.AspNetCore.Tests.Baanx;

public sealed class BaanxStatusTests
{
    public static TheoryData<string, string> Cases => new()
    {
        { "", nameof(BaanxStatus.Skipped) },
        { "Cancelled", nameof(BaanxStatus.Skipped) },
        { "Pending", nameof(BaanxStatus.Pending) },
        { "Pending Pending", nameof(BaanxStatus.Pending) },
        { "Pending Delivered", nameof(BaanxStatus.Processing) },
        { "Leased", nameof(BaanxStatus.Processing) },
        { "Retrying", nameof(BaanxStatus.Processing) },
        { "Retrying Exhausted", nameof(BaanxStatus.Processing) },
        { "Parked", nameof(BaanxStatus.Failed) },
        { "Exhausted Delivered", nameof(BaanxStatus.Failed) },
        { "Quarantined", nameof(BaanxStatus.Failed) },
        { "Delivered", nameof(BaanxStatus.Completed) },
        { "Delivered Cancelled", nameof(BaanxStatus.Completed) },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_status_of_an_event_follows_from_its_deliveries(string deliveries, string expected) => Assert.Equal(
        Enum.Parse<BaanxStatus>(expected),
        BaanxStatuses.Of([.. deliveries.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(status => Delivery(status, attempts: 1))]));

    [Fact]
    public void What_is_held_before_its_first_attempt_is_still_to_come() =>
        Assert.Equal(BaanxStatus.Pending, BaanxStatuses.Of([Delivery("Parked", attempts: 0)]));

    private static WebhookDelivery Delivery(string status, int attempts) => new()
    {
        Id = 1,
        EventId = Guid.Empty,
        Trigger = "order.paid",
        Tenant = "",
        WebhookId = 1,
        WebhookUid = Guid.Empty,
        WebhookName = "",
        Status = Enum.Parse<WebhookDeliveryStatus>(status),
        Attempts = attempts,
        CreatedAt = default,
        DueAt = null,
        FinishedAt = null,
        LastAttempt = null,
    };
}
