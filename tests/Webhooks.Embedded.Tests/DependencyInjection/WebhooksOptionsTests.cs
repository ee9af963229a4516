using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Webhooks.Embedded.Tests.DependencyInjection;

public sealed class WebhooksOptionsTests
{
    [Fact]
    public void The_defaults_are_valid_and_as_documented()
    {
        var options = Read(new ServiceCollection().AddWebhooks().Services);

        Assert.Equal(TimeSpan.FromSeconds(15), options.Timeout);
        Assert.Equal(TimeSpan.FromSeconds(60), options.LeaseDuration);
        Assert.Equal((256, 16, null), (options.Concurrency, options.ConcurrencyPerWebhook, options.ConcurrencyPerTenant));
        Assert.Equal(TimeSpan.FromSeconds(1), options.PollInterval);
        Assert.Equal(1_048_576, options.MaxPayloadBytes);
        Assert.Equal(1000, options.MaxWebhooksPerTenant);
        Assert.Equal(9, options.Retry.Delays.Count);
        Assert.Equal(0.2, options.Retry.Jitter);
        Assert.Equal((10, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(10)), (options.Breaker.Failures, options.Breaker.MinPause, options.Breaker.MaxPause));
        Assert.Equal(TimeSpan.FromDays(5), options.DisableAfter);
        Assert.Equal((TimeSpan.FromDays(7), TimeSpan.Zero), (options.Retention.Log, options.Retention.Payload));
        Assert.Empty(options.Egress.AllowedNetworks);
        Assert.Empty(options.Egress.AllowedPorts);
        Assert.False(options.Egress.AllowLoopback || options.Egress.AllowMetadata || options.Egress.AllowHttp);
    }

    [Fact]
    public void A_configured_list_of_delays_replaces_the_default()
    {
        var options = Configured(("Retry:Delays:0", "00:00:01"), ("Retry:Delays:1", "00:00:02"), ("Timeout", "00:00:03"));

        Assert.Equal([TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)], options.Retry.Delays);
        Assert.Equal(TimeSpan.FromSeconds(3), options.Timeout);
        Assert.Equal(TimeSpan.FromSeconds(60), options.LeaseDuration);
    }

    [Fact]
    public void An_empty_list_of_delays_means_no_retry() => Assert.Empty(Configured(("Retry:Delays", "")).Retry.Delays);

    [Fact]
    public void Code_has_the_last_word_over_configuration()
    {
        var services = new ServiceCollection();
        services.AddWebhooks(options => options.Concurrency = 7);
        services.AddWebhooks(Section(("Concurrency", "9"), ("ConcurrencyPerWebhook", "3")));

        Assert.Equal((7, 3), (Read(services).Concurrency, Read(services).ConcurrencyPerWebhook));
    }

    [Theory]
    [InlineData("Timeout", "00:00:00", "Timeout")]
    [InlineData("Timeout", "01:00:00", "Timeout")]
    [InlineData("Timeout", "10675199.02:48:05.4775807", "Timeout")]
    [InlineData("LeaseDuration", "00:00:19", "LeaseDuration")]
    [InlineData("Concurrency", "0", "Concurrency")]
    [InlineData("ConcurrencyPerWebhook", "-1", "ConcurrencyPerWebhook")]
    [InlineData("ConcurrencyPerTenant", "0", "ConcurrencyPerTenant")]
    [InlineData("ConcurrencyPerTenant", "10001", "ConcurrencyPerTenant")]
    [InlineData("PollInterval", "00:00:00", "PollInterval")]
    [InlineData("MaxPayloadBytes", "10", "MaxPayloadBytes")]
    [InlineData("MaxWebhooksPerTenant", "-1", "MaxWebhooksPerTenant")]
    [InlineData("MaxWebhooksPerTenant", "1000001", "MaxWebhooksPerTenant")]
    [InlineData("Retry:Jitter", "1.5", "Retry:Jitter")]
    [InlineData("Retry:Delays:0", "-00:00:01", "Retry:Delays:0")]
    [InlineData("Breaker:Failures", "-1", "Breaker:Failures")]
    [InlineData("Breaker:Failures", "1001", "Breaker:Failures")]
    [InlineData("Breaker:MinPause", "00:00:00.999", "Breaker:MinPause")]
    [InlineData("Breaker:MinPause", "00:10:01", "Breaker:MaxPause")]
    [InlineData("Breaker:MaxPause", "00:00:29", "Breaker:MaxPause")]
    [InlineData("Breaker:MaxPause", "1.00:00:01", "Breaker:MaxPause")]
    [InlineData("DisableAfter", "-00:00:01", "DisableAfter")]
    [InlineData("DisableAfter", "00:59:59", "DisableAfter")]
    [InlineData("DisableAfter", "365.00:00:01", "DisableAfter")]
    [InlineData("Retention:Log", "-1.00:00:00", "Retention:Log")]
    [InlineData("Retention:Payload", "-1.00:00:00", "Retention:Payload")]
    [InlineData("Egress:AllowedNetworks:0", "10.1.2.3", "Egress:AllowedNetworks:0")]
    [InlineData("Egress:AllowedNetworks:0", "10.1.2.3/8", "Egress:AllowedNetworks:0")]
    [InlineData("Egress:AllowedNetworks:0", "10.0.0.0/33", "Egress:AllowedNetworks:0")]
    [InlineData("Egress:AllowedNetworks:0", "intranet", "Egress:AllowedNetworks:0")]
    [InlineData("Egress:AllowedNetworks:0", "", "Egress:AllowedNetworks:0")]
    [InlineData("Egress:AllowedNetworks:0", "127.0.0.0/8", "Egress:AllowedNetworks:0")]
    [InlineData("Egress:AllowedNetworks:0", "::1/128", "Egress:AllowedNetworks:0")]
    [InlineData("Egress:AllowedNetworks:0", "169.254.0.0/16", "Egress:AllowedNetworks:0")]
    [InlineData("Egress:AllowedNetworks:0", "168.63.129.16/32", "Egress:AllowedNetworks:0")]
    [InlineData("Egress:AllowedNetworks:0", "fe80::/10", "Egress:AllowedNetworks:0")]
    [InlineData("Egress:AllowedNetworks:0", "224.0.0.0/8", "Egress:AllowedNetworks:0")]
    [InlineData("Egress:AllowedNetworks:0", "8.8.8.0/24", "Egress:AllowedNetworks:0")]
    [InlineData("Egress:AllowedNetworks:0", "::ffff:10.0.0.0/104", "Egress:AllowedNetworks:0")]
    [InlineData("Egress:AllowedPorts:0", "0", "Egress:AllowedPorts:0")]
    [InlineData("Egress:AllowedPorts:0", "65536", "Egress:AllowedPorts:0")]
    public void A_value_out_of_range_is_refused_by_name(string option, string value, string named)
    {
        var refused = Assert.Throws<OptionsValidationException>(() => Configured((option, value)));
        Assert.Contains(refused.Failures, failure => failure.Contains($"Webhooks: {named} is", StringComparison.Ordinal));
    }

    [Fact]
    public void Leaving_failing_webhooks_alone_and_disabling_them_can_be_switched_off_or_driven_to_its_ends()
    {
        var off = Configured(("Breaker:Failures", "0"), ("DisableAfter", "00:00:00"), ("ConcurrencyPerTenant", "1"));
        Assert.Equal((0, TimeSpan.Zero, 1), (off.Breaker.Failures, off.DisableAfter, off.ConcurrencyPerTenant));

        var most = Configured(("Breaker:Failures", "1000"), ("Breaker:MinPause", "1.00:00:00"), ("Breaker:MaxPause", "1.00:00:00"), ("DisableAfter", "365.00:00:00"), ("ConcurrencyPerTenant", "10000"));
        Assert.Equal((1000, TimeSpan.FromDays(1), TimeSpan.FromDays(1)), (most.Breaker.Failures, most.Breaker.MinPause, most.Breaker.MaxPause));
        Assert.Equal((TimeSpan.FromDays(365), 10_000), (most.DisableAfter, most.ConcurrencyPerTenant));
    }

    [Fact]
    public void A_lease_too_short_for_an_attempt_is_refused_with_a_good_value()
    {
        var refused = Assert.Throws<OptionsValidationException>(() => Configured(("LeaseDuration", "00:00:10")));
        Assert.Contains("00:00:20", Assert.Single(refused.Failures), StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(20), Configured(("LeaseDuration", "00:00:20")).LeaseDuration);
    }

    [Fact]
    public void Networks_and_ports_that_webhooks_may_reach_are_read_as_lists()
    {
        var egress = Configured(
            ("Egress:AllowedNetworks:0", "10.0.0.0/8"), ("Egress:AllowedNetworks:1", "fd12:3456::/32"), ("Egress:AllowedNetworks:2", "0.0.0.0/0"), ("Egress:AllowedPorts:0", "81")).Egress;

        Assert.Equal(["10.0.0.0/8", "fd12:3456::/32", "0.0.0.0/0"], egress.AllowedNetworks);
        Assert.Equal([81], egress.AllowedPorts);
    }

    private static WebhooksOptions Configured(params (string Key, string Value)[] values)
    {
        var services = new ServiceCollection();
        services.AddWebhooks(Section(values));
        return Read(services);
    }

    private static IConfigurationSection Section(params (string Key, string Value)[] values) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(values.Select(value => KeyValuePair.Create($"Webhooks:{value.Key}", (string?)value.Value)))
            .Build()
            .GetSection("Webhooks");

    private static WebhooksOptions Read(IServiceCollection services)
    {
        using var provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptions<WebhooksOptions>>().Value;
    }
}
