using Webhooks.Embedded.Management;
using Webhooks.Embedded.Signing;

namespace Webhooks.Embedded.Tests.Management;

public sealed class WebhookRulesTests
{
    private static readonly TriggerCatalogue Catalogue = new([new() { Name = "order.paid" }, new() { Name = "user.created" }]);
    private static readonly SignatureProfiles Profiles = new([new("acme", _ => [])]);
    private static readonly WebhookEgressOptions Egress = new();
    private static readonly WebhookSettings Valid = new() { Name = "shop", Url = "https://example.com", Triggers = ["*"] };

    [Fact]
    public void Valid_settings_have_no_fault() => Assert.Empty(WebhookRules.Check(Valid, Catalogue, Profiles, Egress));

    [Fact]
    public void Every_fault_is_named_not_the_first_alone()
    {
        var errors = WebhookRules.Check(new WebhookSettings { Secret = "x", Target = " " }, Catalogue, Profiles, Egress);
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
        Assert.Equal(code, WebhookRules.Check(Valid with { Triggers = [pattern] }, Catalogue, Profiles, Egress).SingleOrDefault()?.Code);

    [Fact]
    public void A_webhook_has_at_most_a_hundred_patterns() =>
        Assert.Equal("too_many", Assert.Single(WebhookRules.Check(Valid with { Triggers = [.. Enumerable.Repeat("*", 101)] }, Catalogue, Profiles, Egress)).Code);

    [Theory]
    [InlineData("", "required")]
    [InlineData("   ", "required")]
    [InlineData("a\u0000b", "invalid_character")]
    [InlineData("\u202Eevil", "invalid_character")]
    public void A_name_says_something_that_people_can_read(string name, string code) =>
        Assert.Equal(code, Assert.Single(WebhookRules.Check(Valid with { Name = name }, Catalogue, Profiles, Egress)).Code);

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("'; DROP TABLE x;--")]
    [InlineData("{{7*7}}")]
    [InlineData("日本 😀")]
    public void A_name_may_be_anything_else(string name) => Assert.Empty(WebhookRules.Check(Valid with { Name = name }, Catalogue, Profiles, Egress));

    [Fact]
    public void A_lone_surrogate_and_256_characters_are_refused()
    {
        Assert.NotEmpty(WebhookRules.Check(Valid with { Name = "a\ud800" }, Catalogue, Profiles, Egress));
        Assert.NotEmpty(WebhookRules.Check(Valid with { Name = new string('a', 256) }, Catalogue, Profiles, Egress));
        Assert.Empty(WebhookRules.Check(Valid with { Name = new string('a', 255) }, Catalogue, Profiles, Egress));
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("docspace", true)]
    [InlineData("baanx", true)]
    [InlineData("bird", true)]
    [InlineData("acme", true)]
    [InlineData("Bird", false)]
    [InlineData("removed", false)]
    [InlineData("", false)]
    public void A_signature_profile_is_one_that_is_known_and_the_fault_names_those(string? profile, bool isKnown)
    {
        var errors = WebhookRules.Check(Valid with { SignatureProfile = profile }, Catalogue, Profiles, Egress);
        if (isKnown)
        {
            Assert.Empty(errors);
            return;
        }

        var error = Assert.Single(errors);
        Assert.Equal(("signatureProfile", "unknown_profile"), (error.Field, error.Code));
        Assert.Contains("acme, baanx, bird, docspace", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("country", "NL", null)]
    [InlineData("customer.country", "", null)]
    [InlineData("ä.日本", "\n", null)]
    [InlineData("", "NL", "invalid_path")]
    [InlineData(" ", "NL", "invalid_path")]
    [InlineData(".a", "NL", "invalid_path")]
    [InlineData("a.", "NL", "invalid_path")]
    [InlineData("a..b", "NL", "invalid_path")]
    [InlineData("a\0", "NL", "invalid_path")]
    [InlineData(null, "NL", "invalid_path")]
    [InlineData("a", null, "required")]
    [InlineData("a", "\0", "invalid_character")]
    public void A_filter_has_a_path_and_a_value(string? path, string? value, string? code) =>
        Assert.Equal(code, FiltersOf(new WebhookFilter(path!, value!)).SingleOrDefault()?.Code);

    [Fact]
    public void Filters_have_limits_and_no_path_twice()
    {
        Assert.Empty(FiltersOf([.. Enumerable.Range(0, 10).Select(i => new WebhookFilter($"a{i}", "x"))]));
        Assert.Equal("too_many", Assert.Single(FiltersOf([.. Enumerable.Range(0, 11).Select(i => new WebhookFilter($"a{i}", "x"))])).Code);
        Assert.Empty(FiltersOf(new WebhookFilter(new string('a', 255), new string('x', 255))));
        Assert.Equal("invalid_path", Assert.Single(FiltersOf(new WebhookFilter(new string('a', 256), "x"))).Code);
        Assert.Equal("too_long", Assert.Single(FiltersOf(new WebhookFilter("a", new string('x', 256)))).Code);
        Assert.Equal("doubled_path", Assert.Single(FiltersOf(new("a", "x"), new("b", "x"), new("a", "y"))).Code);
        Assert.Equal("invalid_path", Assert.Single(FiltersOf([null!])).Code);
        Assert.Equal("invalid_character", Assert.Single(FiltersOf(new WebhookFilter("a", "\ud800"))).Code);
        Assert.Empty(WebhookRules.Check(Valid with { Filters = null! }, Catalogue, Profiles, Egress));
    }

    [Theory]
    [InlineData("{}", null)]
    [InlineData("""{"team":"billing","team":["a",{"b":null}],"x":"\u0000"}""", null)]
    [InlineData("", "invalid_json")]
    [InlineData("null", "invalid_json")]
    [InlineData("[]", "invalid_json")]
    [InlineData("\"text\"", "invalid_json")]
    [InlineData("{", "invalid_json")]
    [InlineData("{}{}", "invalid_json")]
    [InlineData("{\"a\":1,}", "invalid_json")]
    [InlineData("{/**/}", "invalid_json")]
    public void Metadata_is_a_JSON_object(string metadata, string? code)
    {
        var error = WebhookRules.Check(Valid with { Metadata = metadata }, Catalogue, Profiles, Egress).SingleOrDefault();
        Assert.Equal(code, error?.Code);
        Assert.Equal(code is null ? null : "metadata", error?.Field);
    }

    [Fact]
    public void Metadata_has_at_most_4096_characters_all_of_which_can_be_stored()
    {
        Assert.Empty(WebhookRules.Check(Valid with { Metadata = Padded(4096) }, Catalogue, Profiles, Egress));
        Assert.Equal("too_long", Assert.Single(WebhookRules.Check(Valid with { Metadata = Padded(4097) }, Catalogue, Profiles, Egress)).Code);
        Assert.Equal("invalid_json", Assert.Single(WebhookRules.Check(Valid with { Metadata = "{\"a\":\"\ud800\"}" }, Catalogue, Profiles, Egress)).Code);
        Assert.Equal("invalid_json", Assert.Single(WebhookRules.Check(Valid with { Metadata = string.Concat(Enumerable.Repeat("{\"a\":", 100)) + "1" + new string('}', 100) }, Catalogue, Profiles, Egress)).Code);

        static string Padded(int length) => "{\"a\":\"" + new string('x', length - 8) + "\"}";
    }

    private static IReadOnlyList<WebhookFieldError> FiltersOf(params WebhookFilter[] filters)
    {
        var errors = WebhookRules.Check(Valid with { Filters = filters }, Catalogue, Profiles, Egress);
        Assert.All(errors, error => Assert.Equal("filters", error.Field));
        return errors;
    }
}
