using System.Net;
using System.Text.Json.Nodes;

namespace Webhooks.Embedded.AspNetCore.Tests.Admin;

public sealed class OverviewRoutesTests
{
    [Fact]
    public async Task Shows_the_figures_of_the_last_hour()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Status = 500;
        await using var host = await AdminHost.StartAsync(dispatch: true, configure: options => options.Retry.Delays = []);
        await host.CreateWebhookAsync(url: receiver.Url);
        await host.PublishAsync();
        await Deliveries.FinishedAsync(host, 1);

        var overview = await CountedAsync(host);

        Assert.Equal(60, overview.Node!["series"]!.AsArray().Count);
        overview.Node["series"] = new JsonArray();
        overview.Node["totals"]!["meanDurationMs"] = 1;
        overview.Node["failing"]![0]!["figures"]!["meanDurationMs"] = 1;
        overview.Is("""
            {
              "at": "{time}", "series": [],
              "totals": { "delivered": 0, "failedAttempts": 1, "exhausted": 1, "successRate": 0, "meanDurationMs": 1 },
              "failing": [
                {
                  "webhook": { "id": 1, "uid": "{uuid}", "name": "Orders" },
                  "figures": { "delivered": 0, "failedAttempts": 1, "exhausted": 1, "successRate": 0, "meanDurationMs": 1 }
                }
              ],
              "backlog": { "pending": 0, "leased": 0, "retrying": 0, "parked": 0, "isAtLeast": false, "oldestDueAt": null }
            }
            """);
    }

    [Theory]
    [InlineData("1h", 60)]
    [InlineData("24h", 24)]
    [InlineData("7d", 168)]
    public async Task Goes_as_far_back_as_it_is_asked(string window, int steps)
    {
        await using var host = await AdminHost.StartAsync();

        var overview = await Json.OfAsync(await host.GetAsync($"overview?window={window}"));

        Assert.Equal(steps, overview.Node!["series"]!.AsArray().Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1H")]
    [InlineData("30d")]
    [InlineData("1h&window=24h")]
    public async Task Refuses_other_windows(string window)
    {
        await using var host = await AdminHost.StartAsync();

        var problem = await Json.ProblemOfAsync(await host.GetAsync($"overview?window={window}"), HttpStatusCode.BadRequest, "validation_failed");

        Assert.NotNull(problem.Node!["errors"]!["window"]);
    }

    // What was counted is added every few seconds.
    private static async Task<Json> CountedAsync(AdminHost host)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var overview = await Json.OfAsync(await host.Client.GetAsync("overview", patience.Token));
            if (overview.Node!["totals"]!["failedAttempts"]!.GetValue<int>() > 0)
            {
                return overview;
            }

            await Task.Delay(50, patience.Token);
        }
    }
}
