using System.Net;

namespace Webhooks.Embedded.AspNetCore.Tests.Admin;

public sealed class SecretRoutesTests
{
    [Fact]
    public async Task Lists_what_may_be_known_of_secrets_and_revokes_the_earlier_ones()
    {
        await using var host = await AdminHost.StartAsync();
        await Json.OfAsync(await host.PostAsync(
            "webhooks", """{"name":"A","url":"https://example.com/","triggers":["*"],"secret":"the-first-secret-0001"}"""), 201);
        await Json.OfAsync(await host.PostAsync("webhooks/1/rotate-secret", """{"secret":"the-second-secret-0002","overlapSeconds":3600}"""));

        var listed = await host.GetAsync("webhooks/1/secrets");

        var items = (await Json.OfAsync(listed)).Node!["items"]!.AsArray();
        Assert.Equal(["0002", "0001"], items.Select(item => item!["hint"]!.GetValue<string>()));
        Assert.Equal([null, "Z"], items.Select(item => item!["expiresAt"]?.GetValue<string>()[^1..]));
        Assert.All(items, item => Assert.True(item!["readable"]!.GetValue<bool>()));
        Assert.DoesNotContain("-secret-", await listed.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        var revoked = await Json.OfAsync(await host.PostAsync("webhooks/1/revoke-secrets"));
        Assert.Equal(3, revoked.Number("version"));
        Assert.Equal("0002", Assert.Single((await Json.OfAsync(await host.GetAsync("webhooks/1/secrets"))).Node!["items"]!.AsArray())!["hint"]!.GetValue<string>());
        await Json.ProblemOfAsync(await host.PostAsync("webhooks/7/revoke-secrets"), HttpStatusCode.NotFound, "not_found");
        await Json.ProblemOfAsync(await host.GetAsync("webhooks/7/secrets"), HttpStatusCode.NotFound, "not_found");
    }

    [Fact]
    public async Task Takes_shows_and_clears_timeout_schedule_rate_limit_and_headers()
    {
        await using var host = await AdminHost.StartAsync();

        var created = await Json.OfAsync(await host.PostAsync("webhooks", """
            {"name":"A","url":"https://example.com/","triggers":["*"],"timeoutSeconds":1.5,"retryDelaysSeconds":[0,0.25,3600],"rateLimit":5,
             "headers":[{"name":"X-Api-Key","value":"a-value-of-its-own"},{"name":"Authorization","value":"Basic of-its-own"}]}
            """), 201);

        foreach (var shown in new[] { created, await Json.OfAsync(await host.GetAsync("webhooks/1")) })
        {
            Assert.Equal(1.5, shown.Node!["timeoutSeconds"]!.GetValue<double>());
            Assert.Equal("[0,0.25,3600]", shown.Node["retryDelaysSeconds"]!.ToJsonString());
            Assert.Equal(5, shown.Number("rateLimit"));
            Assert.Equal("""["X-Api-Key","Authorization"]""", shown.Node["headerNames"]!.ToJsonString());
            Assert.DoesNotContain("of-its-own", shown.Node.ToJsonString(), StringComparison.Ordinal);
        }

        var renamed = await PatchAsync(host, """{"name":"B"}""");
        Assert.Equal((1.5, 5L), (renamed.Node!["timeoutSeconds"]!.GetValue<double>(), renamed.Number("rateLimit")));
        Assert.Equal(2, renamed.Node["headerNames"]!.AsArray().Count);

        var cleared = await PatchAsync(host, """{"timeoutSeconds":null,"retryDelaysSeconds":null,"rateLimit":null,"headers":[]}""");
        Assert.Null(cleared.Node!["timeoutSeconds"]);
        Assert.Null(cleared.Node["retryDelaysSeconds"]);
        Assert.Null(cleared.Node["rateLimit"]);
        Assert.Equal("[]", cleared.Node["headerNames"]!.ToJsonString());
    }

    [Fact]
    public async Task Explains_the_next_attempt_by_the_webhooks_own_schedule()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Status = 500;
        await using var host = await AdminHost.StartAsync(dispatch: true);
        await Json.OfAsync(await host.PostAsync(
            "webhooks", $$"""{"name":"A","url":"{{receiver.Url}}","triggers":["*"],"retryDelaysSeconds":[7200,7200]}"""), 201);
        var id = (await host.PublishAsync()).Text("id");

        Json? delivery = null;
        await DocSpace.DocSpaceHost.UntilAsync(async () =>
        {
            delivery = await Json.OfAsync(await host.GetAsync($"deliveries?event={id}"));
            return delivery.Node!["items"]![0]!["status"]!.GetValue<string>() == "retrying";
        });

        Assert.Equal("Retry 1 of 2 of the schedule: 2 h ±20 % after attempt 1.", delivery!.Node!["items"]![0]!["nextAttempt"]!["detail"]!.GetValue<string>());
    }

    private static async Task<Json> PatchAsync(AdminHost host, string json) =>
        await Json.OfAsync(await host.SendAsync(HttpMethod.Patch, "webhooks/1", json));
}
