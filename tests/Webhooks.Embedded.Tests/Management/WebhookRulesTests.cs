using Webhooks.Embedded.Management;

namespace Webhooks.Embedded.Tests.Management;

public sealed class WebhookRulesTests
{
    private static readonly TriggerCatalogue Catalogue = new([new() { Name = "order.paid" }, new() { Name = "user.created" }]);
    private static readonly WebhookSettings Valid = new() { Name = "shop", Url = "https://example.com", Triggers = ["*"] };

    [Fact]
    public void Valid_settings_have_no_fault() => Assert.Empty(WebhookRules.Check(Valid, Catalogue));

    [Fact]
    public void Every_fault_is_named_not_the_first_alone()
    {
        var errors = WebhookRules.Check(new WebhookSettings { Secret = "x", Target = " " }, Catalogue);
        Assert.Equal(["name", "target", "url", "triggers", "secret"], errors.Select(error => error.Field));
    }

    [Theory]
    [InlineData("order.paid", null)]
    [InlineData("order.*", null)]
    [InlineData("*", null)]
    [InlineData("order.shipped", "unknown_trigger")]
    [InlineData("invoice.*", "unknown_trigger")]
    [InlineData("a b", "invalid_trigger")]
    [InlineData("", "invalid_trigger")]
    [InlineData("__proto__", "unknown_trigger")]
    public void A_pattern_matches_something_of_the_catalogue(string pattern, string? code) =>
        Assert.Equal(code, WebhookRules.Check(Valid with { Triggers = [pattern] }, Catalogue).SingleOrDefault()?.Code);

    [Fact]
    public void A_webhook_has_at_most_a_hundred_patterns() =>
        Assert.Equal("too_many", Assert.Single(WebhookRules.Check(Valid with { Triggers = [.. Enumerable.Repeat("*", 101)] }, Catalogue)).Code);

    [Theory]
    [InlineData("", "required")]
    [InlineData("   ", "required")]
    [InlineData("a\u0000b", "invalid_character")]
    [InlineData("\u202Eevil", "invalid_character")]
    public void A_name_says_something_that_people_can_read(string name, string code) =>
        Assert.Equal(code, Assert.Single(WebhookRules.Check(Valid with { Name = name }, Catalogue)).Code);

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("'; DROP TABLE x;--")]
    [InlineData("{{7*7}}")]
    [InlineData("日本 😀")]
    public void A_name_may_be_anything_else(string name) => Assert.Empty(WebhookRules.Check(Valid with { Name = name }, Catalogue));

    [Fact]
    public void A_lone_surrogate_and_256_characters_are_refused()
    {
        Assert.NotEmpty(WebhookRules.Check(Valid with { Name = "a\ud800" }, Catalogue));
        Assert.NotEmpty(WebhookRules.Check(Valid with { Name = new string('a', 256) }, Catalogue));
        Assert.Empty(WebhookRules.Check(Valid with { Name = new string('a', 255) }, Catalogue));
    }
}
