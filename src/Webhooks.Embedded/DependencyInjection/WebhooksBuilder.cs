using Microsoft.Extensions.DependencyInjection;

namespace Webhooks.Embedded.DependencyInjection;

internal sealed class WebhooksBuilder(IServiceCollection services) : IWebhooksBuilder
{
    public IServiceCollection Services { get; } = services;
}
