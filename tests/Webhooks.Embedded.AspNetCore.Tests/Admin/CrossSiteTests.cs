using System.Net;
using System.Text;

namespace Webhooks.Embedded.AspNetCore.Tests.Admin;

public sealed class CrossSiteTests
{
    private const string Body = """{"name":"A","url":"https://example.com/","triggers":["*"]}""";

    [Fact]
    public async Task Refuses_changes_from_pages_of_other_sites()
    {
        await using var host = await AdminHost.StartAsync();
        (string, string)[] others =
        [
            ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site"), ("Sec-Fetch-Site", ""), ("Origin", "https://evil.example.com"),
            ("Origin", "http://127.0.0.1:1"), ("Origin", "http://127.0.0.1"), ("Origin", "null"), ("Origin", ""),
        ];

        foreach (var header in others)
        {
            await Json.ProblemOfAsync(
                await host.SendAsync(HttpMethod.Post, "webhooks", Body, header), HttpStatusCode.Forbidden, "cross_site_request");
        }

        Assert.Empty((await Json.OfAsync(await host.GetAsync("webhooks"))).Node!["items"]!.AsArray());
    }

    [Fact]
    public async Task Refuses_every_change_from_pages_of_other_sites()
    {
        await using var host = await AdminHost.StartAsync();

        foreach (var (method, path, body) in Routes.All.Where(route => route.Method != HttpMethod.Get))
        {
            var response = await host.SendAsync(method, path, body, ("Sec-Fetch-Site", "cross-site"));
            await Json.ProblemOfAsync(response, HttpStatusCode.Forbidden, "cross_site_request");
        }
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "same-origin")]
    [InlineData("Sec-Fetch-Site", "none")]
    [InlineData("Origin", "{own}")]
    public async Task Takes_changes_from_its_own_pages(string header, string value)
    {
        await using var host = await AdminHost.StartAsync();
        var own = host.Client.BaseAddress!.GetLeftPart(UriPartial.Authority);

        await Json.OfAsync(
            await host.SendAsync(HttpMethod.Post, "webhooks", Body, (header, value.Replace("{own}", own, StringComparison.Ordinal))), 201);
    }

    [Fact]
    public async Task Believes_the_browser_over_the_origin()
    {
        await using var host = await AdminHost.StartAsync();

        // A proxy may have changed the host; what the browser says of the site holds.
        var response = await host.SendAsync(
            HttpMethod.Post, "webhooks", Body, ("Sec-Fetch-Site", "same-origin"), ("Origin", "https://public.example.com"));

        await Json.OfAsync(response, 201);
    }

    [Fact]
    public async Task Reading_is_not_restricted_by_site()
    {
        await using var host = await AdminHost.StartAsync();

        await Json.OfAsync(await host.SendAsync(HttpMethod.Get, "webhooks", null, ("Sec-Fetch-Site", "cross-site")));
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("application/json; charset=utf-16")]
    public async Task Refuses_what_a_form_could_send(string contentType)
    {
        await using var host = await AdminHost.StartAsync();

        foreach (var (method, path, body) in Routes.All.Where(route => route.Method != HttpMethod.Get))
        {
            var request = new HttpRequestMessage(method, path) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body ?? "")) };
            request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
            await Json.ProblemOfAsync(await host.Client.SendAsync(request), HttpStatusCode.UnsupportedMediaType, "unsupported_media_type");
        }
    }

    [Fact]
    public async Task Refuses_a_body_that_does_not_say_what_it_is()
    {
        await using var host = await AdminHost.StartAsync();

        var response = await host.Client.PostAsync("webhooks", new ByteArrayContent(Encoding.UTF8.GetBytes(Body)));

        await Json.ProblemOfAsync(response, HttpStatusCode.UnsupportedMediaType, "unsupported_media_type");
    }
}
