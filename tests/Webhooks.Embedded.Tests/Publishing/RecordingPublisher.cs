using System.Data.Common;

namespace Webhooks.Embedded.Tests.Publishing;

/// <summary>Says which of the overloads a call has reached.</summary>
internal sealed class RecordingPublisher : IWebhookPublisher
{
    public string Called { get; private set; } = "";

    Task<PublishedEvent> IWebhookPublisher.PublishAsync<T>(T payload, CancellationToken cancellationToken) => Call("payload");

    Task<PublishedEvent> IWebhookPublisher.PublishAsync<T>(T payload, PublishOptions options, CancellationToken cancellationToken) =>
        Call("payload, options");

    Task<PublishedEvent> IWebhookPublisher.PublishAsync(
        string trigger, object payload, PublishOptions? options, CancellationToken cancellationToken) => Call("trigger, payload, options");

    Task<PublishedEvent> IWebhookPublisher.PublishJsonAsync(
        string trigger, ReadOnlyMemory<byte> utf8Json, PublishOptions? options, CancellationToken cancellationToken) => Call("trigger, json, options");

    Task<PublishedEvent> IWebhookPublisher.PublishAsync<T>(T payload, DbTransaction transaction, CancellationToken cancellationToken) =>
        Call("payload, transaction");

    Task<PublishedEvent> IWebhookPublisher.PublishAsync<T>(
        T payload, DbTransaction transaction, PublishOptions options, CancellationToken cancellationToken) => Call("payload, transaction, options");

    Task<PublishedEvent> IWebhookPublisher.PublishAsync(
        string trigger, object payload, DbTransaction transaction, PublishOptions? options, CancellationToken cancellationToken) =>
        Call("trigger, payload, transaction, options");

    Task<PublishedEvent> IWebhookPublisher.PublishJsonAsync(
        string trigger, ReadOnlyMemory<byte> utf8Json, DbTransaction transaction, PublishOptions? options, CancellationToken cancellationToken) =>
        Call("trigger, json, transaction, options");

    private Task<PublishedEvent> Call(string overload)
    {
        Called = overload;
        return Task.FromResult(new PublishedEvent(Guid.Empty, 0, IsDuplicate: false));
    }
}
