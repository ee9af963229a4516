using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Webhooks.Embedded.Dispatching;

namespace Webhooks.Embedded.Tests.DependencyInjection;

public sealed class AddWebhooksTests
{
    [Fact]
    public void Calling_it_again_adds_nothing_twice()
    {
        var once = new ServiceCollection();
        once.AddWebhooks();
        var twice = new ServiceCollection();
        twice.AddWebhooks();
        twice.AddWebhooks();

        Assert.Equal(once.Count, twice.Count);
    }

    [Fact]
    public void Without_a_store_the_message_names_the_call_that_is_missing()
    {
        var services = new ServiceCollection().AddLogging();
        services.AddWebhooks();
        using var provider = services.BuildServiceProvider();

        var missing = Assert.Throws<InvalidOperationException>(() => provider.GetRequiredService<IWebhookPublisher>());
        Assert.Contains(".UseSqlite(", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_publish_only_node_has_no_dispatcher_however_often_webhooks_are_added()
    {
        var services = new ServiceCollection();
        services.AddWebhooks().WithoutDispatcher();
        services.AddWebhooks();

        Assert.DoesNotContain(
            services, service => service.ServiceType == typeof(IHostedService) && service.ImplementationType == typeof(WebhookDispatcher));
    }
}
