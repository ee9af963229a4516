using System.Globalization;
using System.Net;

namespace Webhooks.Embedded.AspNetCore.Tests.Admin;

/// <summary>What people see of a webhook that is left alone, and of enabling it again.</summary>
public sealed class WebhookHealthTests
{
    [Fact]
    public async Task A_webhook_that_fails_says_since_when_until_when_it_is_left_alone_and_when_it_is_disabled()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Status = 500;
        await using var host = await AdminHost.StartAsync(dispatch: true, configure: options =>
        {
            (options.Breaker.Failures, options.Breaker.MinPause, options.Breaker.MaxPause) = (1, TimeSpan.FromHours(1), TimeSpan.FromHours(1));
            options.DisableAfter = TimeSpan.FromDays(3);
        });
        await host.CreateWebhookAsync(url: receiver.Url);
        await host.PublishAsync();

        var health = (await UntilAsync(host, "webhooks/1", webhook => Text(webhook, "health", "breaker") == "open")).Node!["health"]!;

        Assert.Equal("breaker", health["pauseReason"]!.GetValue<string>());
        Assert.Equal(1, health["failures"]!.GetValue<int>());
        Assert.Equal(Time(health, "failingSince")!.Value.AddDays(3), Time(health, "disabledAt"));

        // An hour, give or take 20 %.
        Assert.InRange(Time(health, "pausedUntil")!.Value - Time(health, "failingSince")!.Value, TimeSpan.FromMinutes(48), TimeSpan.FromMinutes(73));

        // The schedule has 5 seconds; the pause goes before.
        var next = (await UntilAsync(host, "deliveries/1", delivery => Text(delivery, "nextAttempt", "because") == "breaker_open")).Node!["nextAttempt"]!;
        Assert.Equal(Time(health, "pausedUntil"), Time(next, "dueAt"));
    }

    [Fact]
    public async Task What_the_receiver_asked_for_holds_for_all_deliveries_of_the_webhook()
    {
        await using var receiver = await Receiver.StartAsync();
        (receiver.Status, receiver.RetryAfter) = (429, "1800");
        await using var host = await AdminHost.StartAsync(dispatch: true);
        await host.CreateWebhookAsync(url: receiver.Url);
        await host.PublishAsync();
        var health = (await UntilAsync(host, "webhooks/1", webhook => Text(webhook, "health", "pauseReason") == "receiver")).Node!["health"]!;

        await host.PublishAsync();

        var next = (await UntilAsync(host, "deliveries/2", delivery => Text(delivery, "nextAttempt", "because") == "receiver_asked")).Node!["nextAttempt"]!;
        Assert.Equal(Time(health, "pausedUntil"), Time(next, "dueAt"));
        Assert.Equal("closed", health["breaker"]!.GetValue<string>());
        Assert.Single(receiver.Bodies);
    }

    [Fact]
    public async Task Enabling_sends_what_was_parked_at_the_rate_that_is_asked_for_and_says_by_which_operation()
    {
        await using var host = await AdminHost.StartAsync();
        await host.CreateWebhookAsync();
        await host.PublishAsync();
        await host.PublishAsync();
        await host.PostAsync("webhooks/1/disable");

        var enabled = await Json.OfAsync(await host.PostAsync("webhooks/1/enable", """{"sendParked":true,"rate":7}"""));

        var operation = await Json.OfAsync(await host.GetAsync($"operations/{enabled.Text("operationId")}"));
        Assert.Equal(("retry", 7L, 2L), (operation.Text("kind"), operation.Number("rate"), operation.Number("matched")));
        Assert.Equal(1, operation.Node!["filter"]!["webhook"]!.GetValue<long>());
        Assert.Equal("parked", Assert.Single(operation.Node["filter"]!["status"]!.AsArray())!.GetValue<string>());
        var byDefault = await Json.OfAsync(await host.PostAsync("webhooks/1/enable", """{"sendParked":true}"""));
        Assert.Equal(50, (await Json.OfAsync(await host.GetAsync($"operations/{byDefault.Text("operationId")}"))).Number("rate"));
    }

    [Fact]
    public async Task Enabling_alone_sends_nothing_and_a_rate_out_of_range_enables_nothing()
    {
        await using var host = await AdminHost.StartAsync();
        await host.CreateWebhookAsync();
        await host.PostAsync("webhooks/1/disable");

        foreach (var rate in new[] { 0, 10_001 })
        {
            var refused = await Json.ProblemOfAsync(
                await host.PostAsync("webhooks/1/enable", $$"""{"sendParked":true,"rate":{{rate}}}"""), HttpStatusCode.BadRequest, "validation_failed");
            Assert.Equal("out_of_range", refused.Node!["errors"]!["rate"]![0]!["code"]!.GetValue<string>());
        }

        Assert.False((await Json.OfAsync(await host.GetAsync("webhooks/1"))).Node!["enabled"]!.GetValue<bool>());
        var enabled = await Json.OfAsync(await host.PostAsync("webhooks/1/enable"));
        Assert.False(enabled.Node!.AsObject().ContainsKey("operationId"));
        Assert.Empty((await Json.OfAsync(await host.GetAsync("operations"))).Node!["items"]!.AsArray());
    }

    private static async Task<Json> UntilAsync(AdminHost host, string path, Func<Json, bool> isSo)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            var answer = await Json.OfAsync(await host.Client.GetAsync(path, patience.Token));
            if (isSo(answer))
            {
                return answer;
            }

            await Task.Delay(20, patience.Token);
        }
    }

    private static string? Text(Json json, string member, string name) => json.Node![member]?[name]?.GetValue<string>();

    private static DateTimeOffset? Time(System.Text.Json.Nodes.JsonNode node, string name) =>
        node[name] is { } time ? DateTimeOffset.Parse(time.GetValue<string>(), CultureInfo.InvariantCulture) : null;
}
