using Webhooks.Embedded.Management;

namespace Webhooks.Embedded.Tests.Management;

public sealed class WebhookUrlRulesTests
{
    private static readonly WebhookEgressOptions Egress = new();

    [Theory]
    [InlineData("https://example.com")]
    [InlineData("https://example.com:8080/hooks?a=b%2Fc")]
    [InlineData("https://example.com/%2e%2e/%00")]
    [InlineData("https://xn--bcher-kva.example/")]
    [InlineData("https://[2606:4700::1111]/")]
    [InlineData("HTTPS://EXAMPLE.COM/%20path")]
    public void Absolute_http_urls_are_taken(string url) => Assert.Empty(WebhookUrlRules.Check(url, Egress));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(null)]
    [InlineData("null")]
    [InlineData("h")]
    [InlineData("example.com")]
    [InlineData("//127.0.0.1/")]
    [InlineData("/etc/passwd")]
    [InlineData("\\\\server\\share")]
    [InlineData("http:127.0.0.1")]
    [InlineData("http:///127.0.0.1")]
    [InlineData("https://")]
    [InlineData("javascript:alert(1)")]
    [InlineData("data:text/html,x")]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://h/")]
    [InlineData("gopher://127.0.0.1:6379/_x")]
    [InlineData("ws://h/")]
    [InlineData("ldap://h")]
    [InlineData("unix:/var/run/docker.sock")]
    [InlineData("https://user:pw@example.com")]
    [InlineData("https://good.com@127.0.0.1")]
    [InlineData("https://good.com\\@127.0.0.1")]
    [InlineData("https://ex.com:0")]
    [InlineData("https://ex.com:99999")]
    [InlineData("https://ex.com:-1")]
    [InlineData("http://exa mple.com")]
    [InlineData("http://exam\tple.com")]
    [InlineData("http://ex\0.com")]
    [InlineData(" https://example.com")]
    [InlineData("https://example.com\uFF0Fevil")]
    [InlineData("http://a..b")]
    [InlineData("http://[::1")]
    [InlineData("https://ex.com/#frag")]
    public void Anything_else_is_refused_by_name_of_the_field(string? url)
    {
        var error = Assert.Single(WebhookUrlRules.Check(url, Egress));
        Assert.Equal("url", error.Field);
        Assert.NotEmpty(error.Message);
    }

    [Fact]
    public void A_url_has_at_most_2048_characters()
    {
        Assert.Empty(WebhookUrlRules.Check("https://example.com/" + new string('a', 2048 - 20), Egress));
        Assert.NotEmpty(WebhookUrlRules.Check("https://example.com/" + new string('a', 2049 - 20), Egress));
        Assert.NotEmpty(WebhookUrlRules.Check($"https://{new string('a', 64)}.com/", Egress));
    }
}
