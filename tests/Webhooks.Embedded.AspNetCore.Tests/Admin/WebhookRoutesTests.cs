using System.Net;

namespace Webhooks.Embedded.AspNetCore.Tests.Admin;

public sealed class WebhookRoutesTests
{
    [Fact]
    public async Task Creates_a_webhook_and_shows_its_secret()
    {
        await using var host = await AdminHost.StartAsync();

        var response = await host.PostAsync("webhooks", """{"name":"Orders","url":"https://example.com/in","triggers":["order.*"]}""");

        (await Json.OfAsync(response, 201)).Is("""
            {
              "id": 1, "uid": "{uuid}", "tenant": "", "name": "Orders", "url": "https://example.com/in", "triggers": ["order.*"], "target": null,
              "filters": [], "signatureProfile": null, "metadata": null, "secretHint": "{hint}",
              "enabled": true, "disabledReason": null, "verifyTls": true, "warnings": [],
              "timeoutSeconds": null, "retryDelaysSeconds": null, "rateLimit": null, "headerNames": [], "secretReadable": true,
              "version": 1, "createdBy": null, "createdAt": "{time}", "updatedAt": "{time}",
              "lastSuccessAt": null, "lastFailureAt": null, "lastFailure": null, "lastStatusCode": null,
              "health": { "breaker": "closed", "pausedUntil": null, "pauseReason": null, "failures": 0, "failingSince": null, "disabledAt": null },
              "secret": "{secret}"
            }
            """);
        var created = new Uri(response.RequestMessage!.RequestUri!, response.Headers.Location!);
        Assert.Equal("/webhooks/api/webhooks/1", created.AbsolutePath);
        Assert.Equal(HttpStatusCode.OK, (await host.Client.GetAsync(created)).StatusCode);
    }

    [Fact]
    public async Task Shows_a_secret_as_it_is_to_be_copied()
    {
        await using var host = await AdminHost.StartAsync();

        var response = await host.PostAsync(
            "webhooks", """{"name":"A","url":"https://example.com/","triggers":["*"],"secret":"it's+<a>/secret&"}""");

        Assert.Contains("\"secret\":\"it's+<a>/secret&\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Takes_every_setting_on_creation()
    {
        await using var host = await AdminHost.StartAsync();

        var created = await Json.OfAsync(await host.PostAsync("webhooks", """
            {"tenant":"acme","name":"Paid","url":"https://example.com/in","triggers":["order.paid","user.created"],"target":"42",
             "enabled":false,"verifyTls":false,"secret":"a-secret-of-ours"}
            """), 201);

        created.Is("""
            {
              "id": 1, "uid": "{uuid}", "tenant": "acme", "name": "Paid", "url": "https://example.com/in", "triggers": ["order.paid", "user.created"], "target": "42",
              "filters": [], "signatureProfile": null, "metadata": null, "secretHint": "{hint}",
              "enabled": false, "disabledReason": null, "verifyTls": false, "warnings": [{"code": "tls_verified_anyway", "text": "The webhook asks for the receiver's certificate not to be verified, which the app does not allow: it is verified."}],
              "timeoutSeconds": null, "retryDelaysSeconds": null, "rateLimit": null, "headerNames": [], "secretReadable": true,
              "version": 1, "createdBy": null, "createdAt": "{time}", "updatedAt": "{time}",
              "lastSuccessAt": null, "lastFailureAt": null, "lastFailure": null, "lastStatusCode": null,
              "health": { "breaker": "closed", "pausedUntil": null, "pauseReason": null, "failures": 0, "failingSince": null, "disabledAt": null },
              "secret": "a-secret-of-ours"
            }
            """);
    }

    [Theory]
    [InlineData("uid")]
    [InlineData("id")]
    public async Task Finds_a_webhook_by_number_and_by_uuid_without_its_secret(string key)
    {
        await using var host = await AdminHost.StartAsync();
        var created = await host.CreateWebhookAsync();

        var found = await Json.OfAsync(await host.GetAsync($"webhooks/{created.Node![key]!.ToString().ToUpperInvariant()}"));

        found.Is("""
            {
              "id": 1, "uid": "{uuid}", "tenant": "", "name": "Orders", "url": "https://example.com/in", "triggers": ["order.*"], "target": null,
              "filters": [], "signatureProfile": null, "metadata": null, "secretHint": "{hint}",
              "enabled": true, "disabledReason": null, "verifyTls": true, "warnings": [],
              "timeoutSeconds": null, "retryDelaysSeconds": null, "rateLimit": null, "headerNames": [], "secretReadable": true,
              "version": 1, "createdBy": null, "createdAt": "{time}", "updatedAt": "{time}",
              "lastSuccessAt": null, "lastFailureAt": null, "lastFailure": null, "lastStatusCode": null,
              "health": { "breaker": "closed", "pausedUntil": null, "pauseReason": null, "failures": 0, "failingSince": null, "disabledAt": null }
            }
            """);
    }

    [Fact]
    public async Task Lists_webhooks_page_by_page()
    {
        await using var host = await AdminHost.StartAsync();
        foreach (var name in new[] { "A", "B", "C" })
        {
            await host.CreateWebhookAsync(name);
        }

        var response = await host.GetAsync("webhooks?limit=2&enabled=true");
        var first = await Json.OfAsync(response);
        var next = await host.Client.GetAsync(Json.Next(response));

        Assert.Equal(["A", "B"], Names(first));
        Assert.Equal(["C"], Names(await Json.OfAsync(next)));
        Assert.Contains("enabled=true", next.RequestMessage!.RequestUri!.Query, StringComparison.Ordinal);
        Assert.Null(Json.Next(next));
        Assert.Equal(["C"], Names(await Json.OfAsync(await host.GetAsync($"webhooks?cursor={Uri.EscapeDataString(first.Text("next"))}"))));
    }

    [Fact]
    public async Task Lists_webhooks_of_a_tenant_or_of_a_state()
    {
        await using var host = await AdminHost.StartAsync();
        await host.PostAsync("webhooks", """{"name":"A","url":"https://example.com/","triggers":["*"],"tenant":"acme"}""");
        await host.PostAsync("webhooks", """{"name":"B","url":"https://example.com/","triggers":["*"],"enabled":false}""");

        Assert.Equal(["A"], Names(await Json.OfAsync(await host.GetAsync("webhooks?tenant=acme"))));
        Assert.Equal(["B"], Names(await Json.OfAsync(await host.GetAsync("webhooks?tenant="))));
        Assert.Equal(["B"], Names(await Json.OfAsync(await host.GetAsync("webhooks?enabled=false"))));
        Assert.Empty(Names(await Json.OfAsync(await host.GetAsync("webhooks?tenant=other"))));
    }

    [Fact]
    public async Task Changes_only_what_is_given()
    {
        await using var host = await AdminHost.StartAsync();
        await host.PostAsync("webhooks", """{"name":"A","url":"https://example.com/a","triggers":["*"],"target":"42","verifyTls":false}""");

        var renamed = await Json.OfAsync(await host.SendAsync(HttpMethod.Patch, "webhooks/1", """{"name":"B"}"""));
        var widened = await Json.OfAsync(
            await host.SendAsync(HttpMethod.Patch, "webhooks/1", """{"target":null,"triggers":["order.paid"],"verifyTls":true}"""));

        Assert.Equal(("B", "https://example.com/a", "42"), (renamed.Text("name"), renamed.Text("url"), renamed.Text("target")));
        Assert.False(renamed.Node!["verifyTls"]!.GetValue<bool>());
        Assert.Equal("B", widened.Text("name"));
        Assert.Null(widened.Node!["target"]);
        Assert.Equal("order.paid", widened.Node!["triggers"]![0]!.GetValue<string>());
        Assert.True(widened.Node!["verifyTls"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Keeps_filters_a_profile_and_metadata_as_they_are_given()
    {
        await using var host = await AdminHost.StartAsync();

        var created = await Json.OfAsync(await host.PostAsync("webhooks", """
            {"name":"A","url":"https://example.com/","triggers":["*"],"secret":"a-secret-of-ours",
             "filters":[{"path":"customer.country","value":"DE"}],"signatureProfile":"docspace","metadata":{"team":"<Ärger> & Söhne","deep":{"n":[1.50,null]}}}
            """), 201);
        var renamed = await host.SendAsync(HttpMethod.Patch, "webhooks/1", """{"name":"B"}""");
        var replaced = await Json.OfAsync(
            await host.SendAsync(HttpMethod.Patch, "webhooks/1", """{"filters":[],"signatureProfile":null,"metadata":null}"""));

        Assert.Equal("ours", created.Node!["secretHint"]!.GetValue<string>());
        Assert.Equal("""[{"path":"customer.country","value":"DE"}]""", created.Node["filters"]!.ToJsonString());
        var text = await renamed.Content.ReadAsStringAsync();
        Assert.Contains("\"metadata\":{\"team\":\"<Ärger> & Söhne\",\"deep\":{\"n\":[1.50,null]}}", text, StringComparison.Ordinal);
        Assert.Contains("\"signatureProfile\":\"docspace\"", text, StringComparison.Ordinal);
        Assert.Empty(replaced.Node!["filters"]!.AsArray());
        Assert.Null(replaced.Node["signatureProfile"]);
        Assert.Null(replaced.Node["metadata"]);
    }

    [Fact]
    public async Task Keeps_the_secret_when_settings_change()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var host = await AdminHost.StartAsync(dispatch: true);
        var created = await host.CreateWebhookAsync(url: receiver.Url);

        await Json.OfAsync(await host.SendAsync(HttpMethod.Patch, "webhooks/1", """{"name":"B"}"""));
        await host.PublishAsync();

        var attempt = (await Deliveries.FinishedAsync(host, 1)).Attempt;
        Assert.Equal(200, attempt["statusCode"]!.GetValue<int>());
        Assert.StartsWith("whsec_", created.Text("secret"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Disables_and_enables_a_webhook()
    {
        await using var host = await AdminHost.StartAsync();
        await host.CreateWebhookAsync();

        var disabled = await Json.OfAsync(await host.PostAsync("webhooks/1/disable", """{"reason":"Moving house"}"""));
        var enabled = await Json.OfAsync(await host.PostAsync("webhooks/1/enable", """{"sendParked":true}"""));
        var disabledAgain = await Json.OfAsync(await host.PostAsync("webhooks/1/disable"));
        var enabledAgain = await Json.OfAsync(await host.PostAsync("webhooks/1/enable"));

        Assert.Equal((false, "Moving house"), (disabled.Node!["enabled"]!.GetValue<bool>(), disabled.Text("disabledReason")));
        Assert.True(enabled.Node!["enabled"]!.GetValue<bool>());
        Assert.Null(enabled.Node!["disabledReason"]);
        Assert.False(disabledAgain.Node!["enabled"]!.GetValue<bool>());
        Assert.Null(disabledAgain.Node!["disabledReason"]);
        Assert.True(enabledAgain.Node!["enabled"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Deletes_a_webhook()
    {
        await using var host = await AdminHost.StartAsync();
        await host.CreateWebhookAsync();

        var deleted = await host.SendAsync(HttpMethod.Delete, "webhooks/1");

        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.True(deleted.Headers.CacheControl!.NoStore);
        await Json.ProblemOfAsync(await host.GetAsync("webhooks/1"), HttpStatusCode.NotFound, "not_found");
        await Json.ProblemOfAsync(await host.SendAsync(HttpMethod.Delete, "webhooks/1"), HttpStatusCode.NotFound, "not_found");
    }

    [Fact]
    public async Task Rotates_a_secret_and_shows_the_new_one()
    {
        await using var host = await AdminHost.StartAsync();
        var created = await host.CreateWebhookAsync();

        var generated = await Json.OfAsync(await host.PostAsync("webhooks/1/rotate-secret"));
        var given = await Json.OfAsync(
            await host.PostAsync("webhooks/1/rotate-secret", """{"secret":"another-secret","overlapSeconds":0}"""));

        generated.Is("""
            {
              "id": 1, "uid": "{uuid}", "tenant": "", "name": "Orders", "url": "https://example.com/in", "triggers": ["order.*"], "target": null,
              "filters": [], "signatureProfile": null, "metadata": null, "secretHint": "{hint}",
              "enabled": true, "disabledReason": null, "verifyTls": true, "warnings": [],
              "timeoutSeconds": null, "retryDelaysSeconds": null, "rateLimit": null, "headerNames": [], "secretReadable": true,
              "version": 2, "createdBy": null, "createdAt": "{time}", "updatedAt": "{time}",
              "lastSuccessAt": null, "lastFailureAt": null, "lastFailure": null, "lastStatusCode": null,
              "health": { "breaker": "closed", "pausedUntil": null, "pauseReason": null, "failures": 0, "failingSince": null, "disabledAt": null },
              "secret": "{secret}"
            }
            """);
        Assert.NotEqual(created.Text("secret"), generated.Text("secret"));
        Assert.Equal("another-secret", given.Text("secret"));
    }

    [Fact]
    public async Task Shows_the_secret_nowhere_but_on_creation_and_rotation()
    {
        const string Secret = "canary-secret-0123456789";
        await using var host = await AdminHost.StartAsync();
        await host.PostAsync("webhooks", $$"""{"name":"A","url":"https://example.com/","triggers":["*"],"secret":"{{Secret}}"}""");
        await host.PublishAsync();

        var deletedLast = Routes.All.Where(route => !route.Path.EndsWith("/rotate-secret", StringComparison.Ordinal))
            .OrderBy(route => route.Method == HttpMethod.Delete);
        foreach (var (method, path, body) in deletedLast)
        {
            var answer = await (await host.SendAsync(method, path, body)).Content.ReadAsStringAsync();
            Assert.DoesNotContain(Secret, answer, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(host.Logs.Lines, line => line.Contains(Secret, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Names(Json page) => page.Node!["items"]!.AsArray().Select(item => item!["name"]!.GetValue<string>());
}
