using System.Net;
using Microsoft.AspNetCore.Builder;
using Webhooks.Embedded.AspNetCore.Tests.Surface;

namespace Webhooks.Embedded.AspNetCore.Tests.Admin;

/// <summary>Two people who change the same webhook do not undo what the other did.</summary>
public sealed class VersionTests
{
    [Fact]
    public async Task Every_answer_about_a_webhook_has_its_version_as_etag()
    {
        await using var host = await AdminHost.StartAsync();

        var created = await host.PostAsync("webhooks", """{"name":"A","url":"https://example.com/","triggers":["*"]}""");
        await IsVersionAsync(1, created, 201);
        await IsVersionAsync(1, await host.GetAsync("webhooks/1"));
        await IsVersionAsync(2, await host.SendAsync(HttpMethod.Patch, "webhooks/1", """{"name":"B"}"""));
        await IsVersionAsync(3, await host.PostAsync("webhooks/1/disable"));
        await IsVersionAsync(4, await host.PostAsync("webhooks/1/enable"));
        await IsVersionAsync(5, await host.PostAsync("webhooks/1/rotate-secret"));
        await IsVersionAsync(5, await host.GetAsync("webhooks/1"));
    }

    [Theory]
    [InlineData("\"1\"")]
    [InlineData("*")]
    [InlineData("\"7\", \"1\"")]
    [InlineData(null)]
    public async Task Changes_the_version_that_was_read(string? ifMatch)
    {
        await using var host = await AdminHost.StartAsync();
        await host.CreateWebhookAsync();

        var changed = await Json.OfAsync(await ChangeAsync(host, """{"name":"B"}""", ifMatch));

        Assert.Equal(("B", 2), (changed.Text("name"), changed.Number("version")));
    }

    [Theory]
    [InlineData("\"2\"")]
    [InlineData("\"0\"")]
    [InlineData("\"01\"")]
    [InlineData("\"abc\"")]
    [InlineData("W/\"1\"")]
    [InlineData("\"2\", \"3\"")]
    [InlineData("\"99999999999999999999\"")]
    public async Task Refuses_to_change_another_version(string ifMatch)
    {
        await using var host = await AdminHost.StartAsync();
        await host.CreateWebhookAsync();

        var problem = await Json.ProblemOfAsync(await ChangeAsync(host, """{"name":"B"}""", ifMatch), HttpStatusCode.PreconditionFailed, "version_mismatch");

        Assert.Contains("version 1 now", problem.Text("detail"), StringComparison.Ordinal);
        Assert.Equal("Orders", (await Json.OfAsync(await host.GetAsync("webhooks/1"))).Text("name"));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("\"1")]
    [InlineData("'1'")]
    [InlineData("\"1\" \"2\"")]
    public async Task Refuses_what_is_no_etag(string ifMatch)
    {
        await using var host = await AdminHost.StartAsync();
        await host.CreateWebhookAsync();

        var problem = await Json.ProblemOfAsync(await ChangeAsync(host, """{"name":"B"}""", ifMatch), HttpStatusCode.BadRequest, "validation_failed");

        Assert.Equal("invalid_version", problem.Node!["errors"]!["If-Match"]![0]!["code"]!.GetValue<string>());
        Assert.Equal("Orders", (await Json.OfAsync(await host.GetAsync("webhooks/1"))).Text("name"));
    }

    [Fact]
    public async Task What_somebody_else_changed_between_reading_and_writing_stays()
    {
        Func<IWebhookRegistry, Task>? meddle = null;
        await using var host = await AdminHost.StartAsync(builder => MeddlingRegistry.Add(builder, all => Interlocked.Exchange(ref meddle, null)?.Invoke(all)));
        await host.CreateWebhookAsync();
        meddle = all => all.ChangeAsync(1, Settings with { Target = "theirs" });

        var changed = await Json.OfAsync(await ChangeAsync(host, """{"name":"Mine"}""", ifMatch: null));

        Assert.Equal(("Mine", "theirs"), (changed.Text("name"), changed.Text("target")));
    }

    [Fact]
    public async Task What_was_changed_between_reading_and_writing_is_told_to_who_asked_for_a_version()
    {
        Func<IWebhookRegistry, Task>? meddle = null;
        await using var host = await AdminHost.StartAsync(builder => MeddlingRegistry.Add(builder, all => Interlocked.Exchange(ref meddle, null)?.Invoke(all)));
        await host.CreateWebhookAsync();
        meddle = all => all.ChangeAsync(1, Settings with { Target = "theirs" });

        await Json.ProblemOfAsync(await ChangeAsync(host, """{"name":"Mine"}""", "\"1\""), HttpStatusCode.PreconditionFailed, "version_mismatch");

        Assert.Equal("Orders", (await Json.OfAsync(await host.GetAsync("webhooks/1"))).Text("name"));
    }

    [Fact]
    public async Task What_somebody_else_changed_meanwhile_stays_also_by_clients_of_docspace()
    {
        Func<IWebhookRegistry, Task>? meddle = null;
        await using var host = await AdminHost.StartAsync(
            builder =>
            {
                MappedApis.AddTriggers(builder);
                MeddlingRegistry.Add(builder, all => Interlocked.Exchange(ref meddle, null)?.Invoke(all));
            },
            app =>
            {
                app.MapWebhookAdmin("/webhooks").AllowAnonymous();
                app.MapDocSpaceWebhooks("/docspace").AllowAnonymous();
            });
        await host.CreateWebhookAsync();
        meddle = all => all.ChangeAsync(1, Settings with { Metadata = """{"is":"theirs"}""" });

        var answer = await host.SendAsync(HttpMethod.Put, "/docspace/webhook", """{"id":1,"name":"Mine","uri":"https://example.com/in","triggers":0}""");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var webhook = await Json.OfAsync(await host.GetAsync("webhooks/1"));
        Assert.Equal("Mine", webhook.Text("name"));
        Assert.Equal("""{"is":"theirs"}""", webhook.Node!["metadata"]!.ToJsonString());
    }

    [Fact]
    public async Task Many_who_change_different_members_at_once_lose_nothing()
    {
        await using var host = await AdminHost.StartAsync();
        await host.CreateWebhookAsync();

        string[] changes = ["""{"name":"Mine"}""", """{"target":"42"}""", """{"verifyTls":false}""", """{"url":"https://example.com/other"}"""];
        var answers = await Task.WhenAll(changes.Select(change => ChangeAsync(host, change, ifMatch: null)));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        var webhook = await Json.OfAsync(await host.GetAsync("webhooks/1"));
        Assert.Equal(("Mine", "42", "https://example.com/other"), (webhook.Text("name"), webhook.Text("target"), webhook.Text("url")));
        Assert.False(webhook.Node!["verifyTls"]!.GetValue<bool>());
        Assert.Equal(5, webhook.Number("version"));
    }

    private static WebhookSettings Settings { get; } = new() { Name = "Orders", Url = "https://example.com/in", Triggers = ["order.*"] };

    private static Task<HttpResponseMessage> ChangeAsync(AdminHost host, string json, string? ifMatch) =>
        host.SendAsync(HttpMethod.Patch, "webhooks/1", json, ifMatch is null ? [] : [("If-Match", ifMatch)]);

    private static async Task IsVersionAsync(long version, HttpResponseMessage response, int status = 200)
    {
        Assert.Equal($"\"{version}\"", response.Headers.ETag?.Tag);
        Assert.Equal(version, (await Json.OfAsync(response, status)).Number("version"));
    }
}
