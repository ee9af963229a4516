using System.Text;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Tests.Storage;

/// <summary>Which payloads a webhook's filters let through.</summary>
public sealed class PayloadFilterTests
{
    [Theory]
    [InlineData("""{"country":"NL"}""", true)]
    [InlineData("""{"a":[{"country":"DE"}],"b":{"country":"DE"},"country":"NL","c":1}""", true)]
    [InlineData("""{"count\u0072y":"\u004eL"}""", true)]
    [InlineData("""{"country":"nl"}""", false)]
    [InlineData("""{"Country":"NL"}""", false)]
    [InlineData("""{"country":"NL "}""", false)]
    [InlineData("""{"country":null}""", false)]
    [InlineData("""{"country":["NL"]}""", false)]
    [InlineData("""{"country":{"NL":"NL"}}""", false)]
    [InlineData("""{}""", false)]
    [InlineData("""["NL"]""", false)]
    [InlineData("\"NL\"", false)]
    [InlineData("null", false)]
    public void A_text_must_be_the_same_exactly(string payload, bool matches) =>
        Assert.Equal(matches, Matches(payload, new WebhookFilter("country", "NL")));

    [Theory]
    [InlineData("1.50", "1.50", true)]
    [InlineData("1.50", "1.5", false)]
    [InlineData("\"1.50\"", "1.50", true)]
    [InlineData("-0", "-0", true)]
    [InlineData("1e400", "1e400", true)]
    [InlineData("true", "true", true)]
    [InlineData("true", "True", false)]
    [InlineData("false", "false", true)]
    [InlineData("null", "null", false)]
    [InlineData("null", "", false)]
    [InlineData("\"\"", "", true)]
    [InlineData("\"日本 😀\"", "日本 😀", true)]
    [InlineData("\"\\ud83d\\ude00\"", "😀", true)]
    public void A_number_or_a_boolean_is_compared_as_it_is_written(string value, string wanted, bool matches) =>
        Assert.Equal(matches, Matches($$$"""{"a":{"b":{{{value}}}}}""", new WebhookFilter("a.b", wanted)));

    [Theory]
    [InlineData("""{"a":"x","a":"y"}""", "a", "y", true)]
    [InlineData("""{"a":"x","a":"y"}""", "a", "x", false)]
    [InlineData("""{"a":"x","a":{}}""", "a", "x", false)]
    [InlineData("""{"a":{"b":"x"},"a":{}}""", "a.b", "x", false)]
    [InlineData("""{"a":{"b":"x"},"a":1}""", "a.b", "x", false)]
    public void Of_a_doubled_member_the_last_one_counts(string payload, string path, string value, bool matches) =>
        Assert.Equal(matches, Matches(payload, new WebhookFilter(path, value)));

    [Fact]
    public void All_filters_must_match()
    {
        WebhookFilter[] filters = [new("a.b", "1"), new("a.c", "2"), new("a", "3"), new("d", "4")];

        Assert.True(Matches("""{"d":"4","a":{"c":2,"x":[1,[2]],"b":1}}""", filters[0], filters[1], filters[3]));
        Assert.False(Matches("""{"d":"4","a":{"c":2,"b":1}}""", filters));
        Assert.False(Matches("""{"a":{"c":2,"b":1}}""", filters[0], filters[1], filters[3]));
    }

    [Theory]
    [InlineData("""{"\ud800":1,"a":"x"}""", true)]
    [InlineData("""{"a":"\ud800"}""", false)]
    [InlineData("""{"a":"x\ud800"}""", false)]
    public void Half_of_a_surrogate_pair_is_no_fault_and_equals_nothing(string payload, bool matches) =>
        Assert.Equal(matches, Matches(payload, new WebhookFilter("a", "x")));

    [Fact]
    public void What_is_too_deep_or_no_JSON_or_too_long_is_let_through_to_nobody_who_filters()
    {
        Assert.False(Matches(string.Concat(Enumerable.Repeat("{\"a\":", 100)) + "1" + new string('}', 100), new WebhookFilter("a.a", "1")));
        Assert.False(Matches("""{"a":"x", oops""", new WebhookFilter("a", "x")));
        Assert.False(Matches($$"""{"a":"{{new string('x', 1_000_000)}}"}""", new WebhookFilter("a", "x")));
        Assert.True(Matches($$"""{"a":"{{string.Concat(Enumerable.Repeat(@"\u0078", 255))}}"}""", new WebhookFilter("a", new string('x', 255))));
        Assert.False(Matches("""{"a":1}""", new WebhookFilter(string.Join('.', Enumerable.Repeat("a", 128)), "1")));
    }

    [Fact]
    public void A_webhook_without_filters_gets_what_others_filter_out_and_a_target_holds_as_well()
    {
        var snapshot = new WebhookSnapshot(1, 1, [Webhook(1), Webhook(2, [new("a", "x")]), Webhook(3, [new("a", "x")], "17"), Webhook(4, [new("b", "y")])]);

        Assert.Equal([1], snapshot.Match("", "order.paid", "17", "{}"u8).Select(delivery => delivery.WebhookId));
        Assert.Equal([1, 2], snapshot.Match("", "order.paid", null, """{"a":"x"}"""u8).Select(delivery => delivery.WebhookId));
        Assert.Equal([1, 2, 3, 4], snapshot.Match("", "order.paid", "17", """{"b":"y","a":"x"}"""u8).Select(delivery => delivery.WebhookId));
    }

    private static bool Matches(string payload, params WebhookFilter[] filters) =>
        new WebhookSnapshot(1, 1, [Webhook(1, filters)]).Match("", "order.paid", null, Encoding.UTF8.GetBytes(payload)).Length == 1;

    private static KnownWebhook Webhook(long id, WebhookFilter[]? filters = null, string? target = null) => new()
    {
        Id = id,
        Tenant = "",
        Url = new Uri("https://example.com"),
        UrlNumber = 1,
        Patterns = ["*"],
        Target = target,
        Filters = filters ?? [],
        SignatureProfile = null,
        Enabled = true,
        VerifyTls = true,
        Timeout = null,
        RetryDelays = null,
        RateLimit = null,
        Secrets = [],
        Headers = [],
    };
}
