using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Webhooks.Embedded.AspNetCore.Tests.Admin;

/// <summary>The library's services with a store that fails at every call, and how often that was called.</summary>
internal sealed class FailingServices(Func<Exception> failure)
    : IWebhookRegistry, IWebhookDeliveries, IWebhookEvents, IWebhookTriggers, IWebhookPublisher, IWebhookOperations, IWebhookOverview
{
    public int Calls { get; private set; }

    IReadOnlyList<WebhookTrigger> IWebhookTriggers.All => Fail<IReadOnlyList<WebhookTrigger>>();

    public void Replace(WebApplicationBuilder builder)
    {
        builder.Services.Replace(ServiceDescriptor.Singleton<IWebhookRegistry>(this));
        builder.Services.Replace(ServiceDescriptor.Singleton<IWebhookDeliveries>(this));
        builder.Services.Replace(ServiceDescriptor.Singleton<IWebhookEvents>(this));
        builder.Services.Replace(ServiceDescriptor.Singleton<IWebhookTriggers>(this));
        builder.Services.Replace(ServiceDescriptor.Singleton<IWebhookOperations>(this));
        builder.Services.Replace(ServiceDescriptor.Singleton<IWebhookOverview>(this));
        builder.Services.Replace(ServiceDescriptor.Singleton<IWebhookPublisher>(this));
    }

    IWebhookRegistry IWebhookRegistry.ForTenant(string tenant) => this;

    IWebhookDeliveries IWebhookDeliveries.ForTenant(string tenant) => this;

    IWebhookEvents IWebhookEvents.ForTenant(string tenant) => this;

    Task<WebhookWithSecret> IWebhookRegistry.CreateAsync(WebhookSettings settings, CancellationToken cancellationToken) =>
        Fail<Task<WebhookWithSecret>>();

    Task<WebhookWithSecret> IWebhookRegistry.CreateAsync(WebhookSettings settings, int maxWebhooks, CancellationToken cancellationToken) =>
        Fail<Task<WebhookWithSecret>>();

    Task<Webhook?> IWebhookRegistry.FindAsync(long id, CancellationToken cancellationToken) => Fail<Task<Webhook?>>();

    Task<Webhook?> IWebhookRegistry.FindAsync(Guid uid, CancellationToken cancellationToken) => Fail<Task<Webhook?>>();

    Task<WebhookPage<Webhook>> IWebhookRegistry.ListAsync(WebhookQuery query, CancellationToken cancellationToken) =>
        Fail<Task<WebhookPage<Webhook>>>();

    Task<Webhook?> IWebhookRegistry.ChangeAsync(long id, WebhookSettings settings, CancellationToken cancellationToken) =>
        Fail<Task<Webhook?>>();

    Task<Webhook?> IWebhookRegistry.ChangeAsync(long id, WebhookSettings settings, long version, CancellationToken cancellationToken) =>
        Fail<Task<Webhook?>>();

    Task<Webhook?> IWebhookRegistry.EnableAsync(long id, bool sendParked, CancellationToken cancellationToken) => Fail<Task<Webhook?>>();

    Task<Webhook?> IWebhookRegistry.DisableAsync(long id, string? reason, CancellationToken cancellationToken) => Fail<Task<Webhook?>>();

    Task<Webhook?> IWebhookRegistry.DeleteAsync(long id, CancellationToken cancellationToken) => Fail<Task<Webhook?>>();

    Task<IReadOnlyList<string>?> IWebhookRegistry.RevealSecretsAsync(long id, CancellationToken cancellationToken) =>
        Fail<Task<IReadOnlyList<string>?>>();

    Task<WebhookWithSecret?> IWebhookRegistry.RotateSecretAsync(
        long id, string? secret, TimeSpan? overlap, CancellationToken cancellationToken) =>
        Fail<Task<WebhookWithSecret?>>();

    Task<Webhook?> IWebhookRegistry.RevokeSecretsAsync(long id, CancellationToken cancellationToken) => Fail<Task<Webhook?>>();

    Task<IReadOnlyList<WebhookSecretInfo>?> IWebhookRegistry.ListSecretsAsync(long id, CancellationToken cancellationToken) =>
        Fail<Task<IReadOnlyList<WebhookSecretInfo>?>>();

    Task<WebhookDelivery?> IWebhookDeliveries.FindAsync(long id, CancellationToken cancellationToken) => Fail<Task<WebhookDelivery?>>();

    Task<IReadOnlyList<WebhookDelivery>> IWebhookDeliveries.FindAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken) =>
        Fail<Task<IReadOnlyList<WebhookDelivery>>>();

    Task<WebhookPage<WebhookDelivery>> IWebhookDeliveries.ListAsync(WebhookDeliveryQuery query, CancellationToken cancellationToken) =>
        Fail<Task<WebhookPage<WebhookDelivery>>>();

    Task<int> IWebhookDeliveries.CountAsync(WebhookDeliveryQuery query, int atMost, CancellationToken cancellationToken) =>
        Fail<Task<int>>();

    Task<IReadOnlyList<WebhookAttempt>> IWebhookDeliveries.AttemptsAsync(long id, CancellationToken cancellationToken) =>
        Fail<Task<IReadOnlyList<WebhookAttempt>>>();

    Task<WebhookRetryResult> IWebhookDeliveries.RetryAsync(long id, CancellationToken cancellationToken) =>
        Fail<Task<WebhookRetryResult>>();

    Task<IReadOnlyList<WebhookRetry>> IWebhookDeliveries.RetryAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken) =>
        Fail<Task<IReadOnlyList<WebhookRetry>>>();

    Task<WebhookCancelResult> IWebhookDeliveries.CancelAsync(long id, CancellationToken cancellationToken) =>
        Fail<Task<WebhookCancelResult>>();

    Task<IReadOnlyList<WebhookCancellation>> IWebhookDeliveries.CancelAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken) =>
        Fail<Task<IReadOnlyList<WebhookCancellation>>>();

    Task<WebhookEvent?> IWebhookEvents.FindAsync(Guid id, CancellationToken cancellationToken) => Fail<Task<WebhookEvent?>>();

    Task<WebhookPage<WebhookEvent>> IWebhookEvents.ListAsync(WebhookEventQuery query, CancellationToken cancellationToken) =>
        Fail<Task<WebhookPage<WebhookEvent>>>();

    Task<WebhookTest?> IWebhookEvents.SendTestAsync(long webhookId, string? trigger, CancellationToken cancellationToken) => Fail<Task<WebhookTest?>>();

    Task<IReadOnlyList<WebhookSending>?> IWebhookEvents.SendAgainAsync(Guid eventId, long? webhookId, CancellationToken cancellationToken) =>
        Fail<Task<IReadOnlyList<WebhookSending>?>>();

    IWebhookOperations IWebhookOperations.ForTenant(string tenant) => this;

    Task<WebhookOperationPreview> IWebhookOperations.PreviewAsync(WebhookDeliveryQuery query, CancellationToken cancellationToken) =>
        Fail<Task<WebhookOperationPreview>>();

    Task<WebhookOperation> IWebhookOperations.StartAsync(
        WebhookOperationKind kind, WebhookDeliveryQuery query, WebhookOperationOptions? options, CancellationToken cancellationToken) =>
        Fail<Task<WebhookOperation>>();

    Task<WebhookOperation?> IWebhookOperations.FindAsync(Guid id, CancellationToken cancellationToken) => Fail<Task<WebhookOperation?>>();

    Task<WebhookPage<WebhookOperation>> IWebhookOperations.ListAsync(string? cursor, int limit, CancellationToken cancellationToken) =>
        Fail<Task<WebhookPage<WebhookOperation>>>();

    Task<WebhookOperation?> IWebhookOperations.CancelAsync(Guid id, CancellationToken cancellationToken) => Fail<Task<WebhookOperation?>>();

    bool IWebhookTriggers.TryFind(string name, [NotNullWhen(true)] out WebhookTrigger? trigger)
    {
        trigger = null;
        return Fail<bool>();
    }

    IWebhookOverview IWebhookOverview.ForTenant(string tenant) => this;

    Task<WebhookOverview> IWebhookOverview.ReadAsync(WebhookOverviewWindow window, CancellationToken cancellationToken) => Fail<Task<WebhookOverview>>();

    Task<PublishedEvent> IWebhookPublisher.PublishAsync<T>(T payload, CancellationToken cancellationToken) => Fail<Task<PublishedEvent>>();

    Task<PublishedEvent> IWebhookPublisher.PublishAsync<T>(T payload, PublishOptions options, CancellationToken cancellationToken) =>
        Fail<Task<PublishedEvent>>();

    Task<PublishedEvent> IWebhookPublisher.PublishAsync(
        string trigger, object payload, PublishOptions? options, CancellationToken cancellationToken) =>
        Fail<Task<PublishedEvent>>();

    Task<PublishedEvent> IWebhookPublisher.PublishJsonAsync(
        string trigger, ReadOnlyMemory<byte> utf8Json, PublishOptions? options, CancellationToken cancellationToken) =>
        Fail<Task<PublishedEvent>>();

    Task<PublishedEvent> IWebhookPublisher.PublishAsync<T>(T payload, DbTransaction transaction, CancellationToken cancellationToken) =>
        Fail<Task<PublishedEvent>>();

    Task<PublishedEvent> IWebhookPublisher.PublishAsync<T>(
        T payload, DbTransaction transaction, PublishOptions options, CancellationToken cancellationToken) =>
        Fail<Task<PublishedEvent>>();

    Task<PublishedEvent> IWebhookPublisher.PublishAsync(
        string trigger, object payload, DbTransaction transaction, PublishOptions? options, CancellationToken cancellationToken) =>
        Fail<Task<PublishedEvent>>();

    Task<PublishedEvent> IWebhookPublisher.PublishJsonAsync(
        string trigger, ReadOnlyMemory<byte> utf8Json, DbTransaction transaction, PublishOptions? options, CancellationToken cancellationToken) =>
        Fail<Task<PublishedEvent>>();

    private T Fail<T>()
    {
        Calls++;
        throw failure();
    }
}
