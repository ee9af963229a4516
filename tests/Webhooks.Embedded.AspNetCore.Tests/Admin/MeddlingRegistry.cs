using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Webhooks.Embedded.AspNetCore.Tests.Admin;

/// <summary>The registry with somebody else who acts right after a webhook was read.</summary>
public class MeddlingRegistry : DispatchProxy
{
    private IWebhookRegistry _registry = null!;
    private Func<IWebhookRegistry, Task?> _meddle = null!;

    internal static void Add(WebApplicationBuilder builder, Func<IWebhookRegistry, Task?> meddle)
    {
        var type = builder.Services.Single(service => service.ServiceType == typeof(IWebhookRegistry)).ImplementationType!;
        builder.Services.Replace(ServiceDescriptor.Singleton(services =>
        {
            var proxy = Create<IWebhookRegistry, MeddlingRegistry>();
            ((MeddlingRegistry)(object)proxy)._registry = (IWebhookRegistry)ActivatorUtilities.CreateInstance(services, type);
            ((MeddlingRegistry)(object)proxy)._meddle = meddle;
            return proxy;
        }));
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var answer = targetMethod!.Invoke(_registry, args);
        if (targetMethod.Name == nameof(IWebhookRegistry.ForTenant))
        {
            var scoped = Create<IWebhookRegistry, MeddlingRegistry>();
            ((MeddlingRegistry)(object)scoped)._registry = (IWebhookRegistry)answer!;
            ((MeddlingRegistry)(object)scoped)._meddle = _meddle;
            return scoped;
        }

        return targetMethod.Name == nameof(IWebhookRegistry.FindAsync) ? AfterMeddlingAsync((Task<Webhook?>)answer!) : answer;
    }

    private async Task<Webhook?> AfterMeddlingAsync(Task<Webhook?> found)
    {
        var webhook = await found;
        await (_meddle(_registry) ?? Task.CompletedTask);
        return webhook;
    }
}
