using Microsoft.AspNetCore.Builder;

namespace Webhooks.Embedded.AspNetCore.Tests.Vendors;

/// <summary>Webhooks that a vendor's API creates are retried as that vendor does it.</summary>
public sealed class VendorScheduleTests
{
    [Fact]
    public async Task Baanx_gives_an_attempt_half_a_minute_and_makes_six()
    {
        await using var host = await VendorHost.StartAsync();
        await host.OkAsync(HttpMethod.Post, VendorHost.Baanx, """{"name":"A","url":"https://example.com/","event_types":["*"]}""");

        var webhook = (await host.Registry.FindAsync(1))!;

        Assert.Equal(TimeSpan.FromSeconds(30), webhook.Timeout);
        Assert.Equal([1, 5, 30, 120, 600], webhook.RetryDelays!.Select(delay => delay.TotalSeconds));
    }

    [Fact]
    public async Task Bird_makes_thirty_six_within_eight_hours()
    {
        await using var host = await VendorHost.StartAsync();
        await host.OkAsync(HttpMethod.Post, VendorHost.Bird, """{"service":"channels","event":"order.paid","url":"https://example.com/in"}""");

        var delays = (await host.Registry.FindAsync(1))!.RetryDelays!;

        Assert.Equal(35, delays.Count);
        Assert.Equal([10, 15, 22], delays.Take(3).Select(delay => delay.TotalSeconds));
        Assert.InRange(delays.Sum(delay => delay.TotalHours), 7.9, 8);
    }

    [Fact]
    public async Task The_app_can_choose_another_schedule_or_its_own()
    {
        await using var host = await VendorHost.StartAsync(app =>
        {
            app.MapBaanxWebhooks(
                VendorHost.Baanx, options => (options.Timeout, options.RetryDelays) = (null, null)).AllowAnonymous();
            app.MapBirdWebhooks(
                configure: options => options.RetryDelays = [TimeSpan.FromSeconds(7)]).AllowAnonymous();
        });
        await host.OkAsync(HttpMethod.Post, VendorHost.Baanx, """{"name":"A","url":"https://example.com/","event_types":["*"]}""");
        await host.OkAsync(HttpMethod.Post, VendorHost.Bird, """{"service":"channels","event":"order.paid","url":"https://example.com/in"}""");

        var (baanx, bird) = ((await host.Registry.FindAsync(1))!, (await host.Registry.FindAsync(2))!);

        Assert.Equal((null, null), (baanx.Timeout, baanx.RetryDelays));
        Assert.Equal([TimeSpan.FromSeconds(7)], bird.RetryDelays);
    }
}
