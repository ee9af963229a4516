namespace Webhooks.Embedded.AspNetCore.Tests.Admin;

public sealed class WebhookWarningsTests
{
    [Theory]
    [InlineData("https://example.com/in", true, false)]
    [InlineData("https://example.com/in", true, true)]
    [InlineData("https://example.com/in", false, true, "tls_not_verified")]
    [InlineData("https://example.com/in", false, false, "tls_verified_anyway")]
    [InlineData("http://example.com/in", true, false, "http_unencrypted")]
    [InlineData("HTTP://example.com/in", false, true, "http_unencrypted")]
    public async Task A_webhook_says_what_is_risky_about_it_wherever_it_is_shown(string url, bool verifyTls, bool allowed, params string[] codes)
    {
        await using var host = await AdminHost.StartAsync(configure: options =>
        {
            options.Egress.AllowHttp = true;
            options.Egress.AllowUnverifiedTls = allowed;
        });
        var flag = verifyTls ? "true" : "false";

        var created = await Json.OfAsync(
            await host.PostAsync("webhooks", $$"""{"name":"A","url":"{{url}}","triggers":["*"],"verifyTls":{{flag}}}"""), 201);
        var found = await Json.OfAsync(await host.GetAsync("webhooks/1"));
        var listed = await Json.OfAsync(await host.GetAsync("webhooks"));

        foreach (var webhook in new[] { created.Node, found.Node, listed.Node!["items"]![0] })
        {
            var warnings = webhook!["warnings"]!.AsArray();
            Assert.Equal(codes, warnings.Select(warning => warning!["code"]!.GetValue<string>()));
            Assert.All(warnings, warning => Assert.NotEmpty(warning!["text"]!.GetValue<string>()));
        }
    }
}
