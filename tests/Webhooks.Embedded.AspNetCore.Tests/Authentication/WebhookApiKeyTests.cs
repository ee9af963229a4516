using Webhooks.Embedded.AspNetCore.Authentication;

namespace Webhooks.Embedded.AspNetCore.Tests.Authentication;

public sealed class WebhookApiKeyTests
{
    [Theory]
    [InlineData("Bearer demo-key", "demo-key")]
    [InlineData("bearer demo-key", "demo-key")]
    [InlineData("AccessKey demo-key", "demo-key")]
    [InlineData("ACCESSKEY   demo-key ", "demo-key")]
    [InlineData("Bearer sk-a.b/c+d=", "sk-a.b/c+d=")]
    public void Reads_the_key_of_either_scheme(string header, string key)
    {
        Assert.True(WebhookApiKey.TryRead(header, out var read));
        Assert.Equal(key, read);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("demo-key")]
    [InlineData("Basic ZGVtbw==")]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Bearerdemo-key")]
    [InlineData("AccessKeys demo-key")]
    public void Finds_no_key_elsewhere(string? header) => Assert.False(WebhookApiKey.TryRead(header, out _));

    [Fact]
    public void Knows_each_key_and_nothing_like_it()
    {
        string[] keys = ["first-key", "second-key"];
        Assert.True(WebhookApiKey.IsKnown("first-key", keys));
        Assert.True(WebhookApiKey.IsKnown("second-key", keys));
        Assert.False(WebhookApiKey.IsKnown("second-ke", keys));
        Assert.False(WebhookApiKey.IsKnown("second-keyy", keys));
        Assert.False(WebhookApiKey.IsKnown("Second-key", keys));
        Assert.False(WebhookApiKey.IsKnown("", keys));
    }
}
