using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Webhooks.Embedded.EndToEndTests;

public sealed class When_the_host_has_habits_of_its_own
{
    [Fact]
    public async Task What_it_adds_to_all_its_http_clients_is_not_for_webhooks_and_what_it_adds_to_this_one_is()
    {
        await using var receiver = await Receiver.StartAsync();
        var everywhere = new CountingHandler();
        var here = new CountingHandler();
        await using var app = await WebhooksApp.StartAsync(services: services =>
        {
            services.ConfigureHttpClientDefaults(client => client.AddHttpMessageHandler(() => everywhere));
            services.AddWebhooks().ConfigureHttpClient(client => client.AddHttpMessageHandler(() => here));
        });
        await app.RegisterAsync(receiver.Url);

        await app.UntilAsync(await app.PublishAsync(), WebhookDeliveryStatus.Delivered);

        Assert.Equal((0, 1), (everywhere.Count, here.Count));
    }

    [Fact]
    public async Task Neither_its_traces_nor_its_cookies_reach_receivers()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await WebhooksApp.StartAsync();
        await app.RegisterAsync(receiver.Url);
        receiver.Cookie = "session=1";

        using (var activity = new Activity("host").SetIdFormat(ActivityIdFormat.W3C).AddBaggage("tenant", "secret").Start())
        {
            await app.UntilAsync(await app.PublishAsync(), WebhookDeliveryStatus.Delivered);
            await app.UntilAsync(await app.PublishAsync(), WebhookDeliveryStatus.Delivered);
        }

        Assert.Equal(2, receiver.Requests.Count);
        Assert.All(receiver.Requests, request =>
            Assert.Equal(
                ["content-length", "content-type", "host", "user-agent", "webhook-id", "webhook-signature", "webhook-timestamp", "webhook-trigger"],
                request.Headers.Select(header => header.Key.ToLowerInvariant()).Order()));
    }

    private sealed class CountingHandler : DelegatingHandler
    {
        public int Count { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Count++;
            return base.SendAsync(request, cancellationToken);
        }
    }
}
