using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Webhooks.Embedded.EndToEndTests;

public sealed class When_options_change
{
    private readonly IConfigurationRoot _configuration = new ConfigurationBuilder().AddInMemoryCollection().Build();

    [Theory]
    [InlineData("Concurrency", "0")]
    [InlineData("Timeout", "soon")]
    public async Task What_is_not_valid_is_not_taken_and_everything_goes_on_as_before(string option, string value)
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await WebhooksApp.StartAsync(services: Configured);
        await app.RegisterAsync(receiver.Url);

        Change((option, value));

        receiver.Script = _ => new Answer(receiver.Requests.Count == 1 ? 500 : 200);
        var delivery = await app.UntilAsync(await app.PublishAsync(), WebhookDeliveryStatus.Delivered);
        Assert.Equal(2, delivery.Attempts);
    }

    [Fact]
    public async Task What_is_valid_is_taken()
    {
        await using var app = await WebhooksApp.StartAsync(services: Configured);
        Change(("MaxPayloadBytes", "2000"));
        await Assert.ThrowsAsync<WebhookValidationException>(() => app.PublishAsync(payload: new string('x', 3000)));
    }

    [Fact]
    public async Task A_timeout_that_needs_a_longer_lease_than_this_start_has_does_not_keep_deliveries_from_being_sent()
    {
        _configuration["Timeout"] = "00:00:01";
        _configuration["LeaseDuration"] = "00:00:06";
        await using var receiver = await Receiver.StartAsync();
        await using var app = await WebhooksApp.StartAsync(services: Configured);
        await app.RegisterAsync(receiver.Url);

        Change(("Timeout", "00:00:10"), ("LeaseDuration", "00:00:30"));

        await app.UntilAsync(await app.PublishAsync(), WebhookDeliveryStatus.Delivered);
    }

    private void Configured(IServiceCollection services) => services.AddWebhooks(_configuration);

    private void Change(params (string Option, string Value)[] values)
    {
        foreach (var (option, value) in values)
        {
            _configuration[option] = value;
        }

        try
        {
            _configuration.Reload();
        }
        catch (AggregateException)
        {
            // What validation says goes to whoever reloads; a file's watcher drops it.
        }
    }
}
