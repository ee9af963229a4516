using System.Data.Common;

namespace Webhooks.Embedded.Tests.Publishing;

/// <summary>What people write reaches the overload they mean. Most of this is shown by compiling.</summary>
public sealed class OverloadTests
{
    private static readonly byte[] Json = [(byte)'1'];
    private readonly RecordingPublisher _publisher = new();
    private readonly DbTransaction _transaction = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private IWebhookPublisher Webhooks => _publisher;

    [Fact]
    public async Task Without_a_transaction_nothing_has_become_ambiguous()
    {
        var payload = new Payload(1);

        await AssertAsync("payload", Webhooks.PublishAsync(payload, Cancellation));
        await AssertAsync("payload", Webhooks.PublishAsync(payload, cancellationToken: default));
        await AssertAsync("payload, options", Webhooks.PublishAsync(payload, new PublishOptions(), Cancellation));
        await AssertAsync("payload, options", Webhooks.PublishAsync(payload, new() { Tenant = "acme" }, Cancellation));
        await AssertAsync("trigger, payload, options", Webhooks.PublishAsync("order.paid", payload, cancellationToken: Cancellation));
        await AssertAsync("trigger, payload, options", Webhooks.PublishAsync("order.paid", payload, null, Cancellation));
        await AssertAsync("trigger, payload, options", Webhooks.PublishAsync("order.paid", payload, new() { Tenant = "acme" }, Cancellation));
        await AssertAsync("trigger, payload, options", Webhooks.PublishAsync("order.paid", (object)payload, cancellationToken: Cancellation));
        await AssertAsync("trigger, json, options", Webhooks.PublishJsonAsync("order.paid", Json, cancellationToken: Cancellation));
        await AssertAsync("trigger, json, options", Webhooks.PublishJsonAsync("order.paid", Json, null, Cancellation));
        await AssertAsync("trigger, json, options", Webhooks.PublishJsonAsync("order.paid", Json, new() { Tenant = "acme" }, Cancellation));
    }

    [Fact]
    public async Task With_a_transaction_it_comes_right_after_the_payload()
    {
        var payload = new Payload(1);

        await AssertAsync("payload, transaction", Webhooks.PublishAsync(payload, _transaction, Cancellation));
        await AssertAsync("payload, transaction, options", Webhooks.PublishAsync(payload, _transaction, new() { Tenant = "acme" }, Cancellation));
        await AssertAsync(
            "trigger, payload, transaction, options", Webhooks.PublishAsync("order.paid", payload, _transaction, cancellationToken: Cancellation));
        await AssertAsync(
            "trigger, payload, transaction, options", Webhooks.PublishAsync("order.paid", payload, _transaction, null, Cancellation));
        await AssertAsync(
            "trigger, payload, transaction, options",
            Webhooks.PublishAsync("order.paid", payload, _transaction, new() { Tenant = "acme" }, Cancellation));
        await AssertAsync(
            "trigger, json, transaction, options", Webhooks.PublishJsonAsync("order.paid", Json, _transaction, cancellationToken: Cancellation));
        await AssertAsync(
            "trigger, json, transaction, options",
            Webhooks.PublishJsonAsync("order.paid", Json, _transaction, new() { Tenant = "acme" }, Cancellation));
    }

    private async Task AssertAsync(string expected, Task call)
    {
        await call;
        Assert.Equal(expected, _publisher.Called);
    }

    private sealed record Payload(int Id);
}
