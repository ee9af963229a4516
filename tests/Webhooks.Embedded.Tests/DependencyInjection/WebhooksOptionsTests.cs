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
        Assert.Equal((TimeSpan.FromDays(7), TimeSpan.Zero), (options.Retention.Log, options.Retention.Payload));
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
    [InlineData("Retention:Log", "-1.00:00:00", "Retention:Log")]
    [InlineData("Retention:Payload", "-1.00:00:00", "Retention:Payload")]
    public void A_value_out_of_range_is_refused_by_name(string option, string value, string named)
    {
        var refused = Assert.Throws<OptionsValidationException>(() => Configured((option, value)));
        Assert.Contains(refused.Failures, failure => failure.Contains($"Webhooks: {named} is", StringComparison.Ordinal));
    }

    [Fact]
    public void A_lease_too_short_for_an_attempt_is_refused_with_a_good_value()
    {
        var refused = Assert.Throws<OptionsValidationException>(() => Configured(("LeaseDuration", "00:00:10")));
        Assert.Contains("00:00:20", Assert.Single(refused.Failures), StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(20), Configured(("LeaseDuration", "00:00:20")).LeaseDuration);
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
