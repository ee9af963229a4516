namespace Webhooks.Embedded.DependencyInjection;

/// <inheritdoc cref="IWebhookNode"/>
internal sealed record WebhookNode(bool Delivers) : IWebhookNode;
