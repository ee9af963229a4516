namespace Webhooks.Embedded.AspNetCore.Tests.Admin;

public sealed class TriggerRoutesTests
{
    [Fact]
    public async Task Lists_the_catalogue()
    {
        await using var host = await AdminHost.StartAsync();

        (await Json.OfAsync(await host.GetAsync("triggers"))).Is("""
            {
              "items": [
                { "name": "order.created", "description": "An order was placed", "number": 0 },
                { "name": "order.paid", "description": "An invoice was settled", "number": 1 },
                { "name": "user.created", "description": null, "number": null }
              ],
              "next": null
            }
            """);
    }
}
