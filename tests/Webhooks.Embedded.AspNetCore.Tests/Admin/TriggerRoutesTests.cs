using System.Net;
using Microsoft.Extensions.DependencyInjection;

namespace Webhooks.Embedded.AspNetCore.Tests.Admin;

public sealed class TriggerRoutesTests
{
    [Fact]
    public async Task Lists_the_catalogue_with_examples_and_schemas()
    {
        await using var host = await StartAsync();

        (await Json.OfAsync(await host.GetAsync("triggers"))).Is("""
            {
              "items": [
                { "name": "order.created", "description": "An order was placed", "number": 0, "example": null, "schema": null },
                { "name": "order.paid", "description": "An invoice was settled", "number": 1, "example": null, "schema": null },
                { "name": "user.created", "description": null, "number": null, "example": null, "schema": null },
                {
                  "name": "invoice.sent", "description": "An invoice is on its way", "number": 9,
                  "example": { "id": 7, "total": 12.50, "lines": [ { "name": "Ink", "count": 2 } ], "note": null },
                  "schema": {
                    "type": "object",
                    "properties": {
                      "id": { "type": "integer" },
                      "total": { "type": "number" },
                      "lines": {
                        "type": "array",
                        "items": {
                          "type": "object",
                          "properties": { "name": { "type": "string" }, "count": { "type": "integer" } },
                          "required": [ "name", "count" ]
                        }
                      },
                      "note": { "type": [ "string", "null" ] }
                    },
                    "required": [ "id", "total", "lines", "note" ]
                  }
                },
                { "name": "thing.happened", "description": null, "number": null, "example": null, "schema": null },
                { "name": "text.said", "description": "Text with a <tag> & 'quotes'", "number": null, "example": null, "schema": { "type": "string" } }
              ],
              "next": null
            }
            """);
    }

    [Fact]
    public async Task Finds_a_trigger_by_its_name()
    {
        await using var host = await StartAsync();

        var found = await Json.OfAsync(await host.GetAsync("triggers/invoice.sent"));

        Assert.Equal(("invoice.sent", 7), (found.Text("name"), found.Node!["example"]!["id"]!.GetValue<int>()));
        await Json.ProblemOfAsync(await host.GetAsync("triggers/INVOICE.SENT"), HttpStatusCode.NotFound, "not_found");
        await Json.ProblemOfAsync(await host.GetAsync("triggers/%20"), HttpStatusCode.NotFound, "not_found");
    }

    [Fact]
    public async Task An_example_can_be_published_as_it_is_shown()
    {
        await using var host = await StartAsync();
        var example = (await Json.OfAsync(await host.GetAsync("triggers/invoice.sent"))).Node!["example"]!.ToJsonString();

        await host.PublishAsync($$"""{"trigger":"invoice.sent","payload":{{example}}}""");
    }

    [Fact]
    public async Task An_example_that_could_not_be_published_stops_the_start()
    {
        var tooLarge = await Assert.ThrowsAsync<InvalidOperationException>(() => AdminHost.StartAsync(
            builder => builder.Services.AddWebhooks().AddTrigger("a.b", new Invoice(1, 1, [], new string('n', 2000))),
            configure: options => options.MaxPayloadBytes = 1024));
        var faulty = await Assert.ThrowsAsync<InvalidOperationException>(() => AdminHost.StartAsync(
            builder => builder.Services.AddWebhooks().AddTrigger("a.b", new Faulty())));
        var noJson = await Assert.ThrowsAsync<InvalidOperationException>(() => AdminHost.StartAsync(
            builder => builder.Services.AddSingleton(new WebhookTrigger { Name = "a.b", Example = "{" })));

        Assert.All([tooLarge, faulty, noJson], exception => Assert.Contains("a.b", exception.Message, StringComparison.Ordinal));
        Assert.Contains("MaxPayloadBytes", tooLarge.Message, StringComparison.Ordinal);
    }

    private static Task<AdminHost> StartAsync() => AdminHost.StartAsync(builder => builder.Services.AddWebhooks()
        .AddTrigger("invoice.sent", new Invoice(7, 12.50m, [new Line("Ink", 2)], null), "An invoice is on its way", number: 9)
        .AddTrigger<Faulty>("thing.happened")
        .AddTrigger<string>("text.said", "Text with a <tag> & 'quotes'"));

    private sealed record Invoice(long Id, decimal Total, IReadOnlyList<Line> Lines, string? Note);

    private sealed record Line(string Name, int Count);

    [System.Text.Json.Serialization.JsonConverter(typeof(string))]
    private sealed record Faulty;
}
