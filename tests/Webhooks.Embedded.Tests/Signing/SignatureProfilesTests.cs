using Webhooks.Embedded.Signing;

namespace Webhooks.Embedded.Tests.Signing;

/// <summary>What an app's own signature profile may do, and what becomes of one that does something else.</summary>
public sealed class SignatureProfilesTests
{
    private static readonly WebhookSignatureInput Input = new()
    {
        Id = Guid.Empty,
        Timestamp = 1,
        Url = "https://example.com",
        Body = "{}"u8.ToArray(),
        Secret = "a-secret-of-its-own",
    };

    [Fact]
    public void The_profiles_are_those_of_the_vendors_and_the_apps() =>
        Assert.Equal(["acme", "baanx", "bird", "docspace"], new SignatureProfiles([new("acme", _ => [])]).Names);

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("ä")]
    [InlineData("a\n")]
    [InlineData("bird")]
    [InlineData("Bird")]
    [InlineData("first")]
    [InlineData("FIRST")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void A_name_that_is_none_or_is_taken_is_a_fault_at_the_start(string name)
    {
        var fault = Assert.Throws<InvalidOperationException>(() => new SignatureProfiles([new("first", _ => []), new(name, _ => [])]));
        Assert.Contains($"AddSignatureProfile(\"{name}\")", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Headers_are_sent_in_their_order()
    {
        Assert.Equal("X-Acme-Time: 1\nX-Acme: a b, c=d", Lines(("X-Acme-Time", "1"), ("X-Acme", "a b, c=d")));
        Assert.Equal("Authorization: HMAC abc", Lines(("Authorization", "HMAC abc")));
        Assert.Equal("", Lines());
        Assert.Equal(20, Lines([.. Enumerable.Range(0, 20).Select(i => ($"X-{i}", "x"))]).Split('\n').Length);
        Assert.NotEmpty(Lines((new string('x', 64), new string('v', 1024))));
    }

    [Theory]
    [InlineData("Host")]
    [InlineData("content-type")]
    [InlineData("Content-Length")]
    [InlineData("Transfer-Encoding")]
    [InlineData("Connection")]
    [InlineData("Expect")]
    [InlineData("Upgrade")]
    [InlineData("Cookie")]
    [InlineData("WEBHOOK-Signature")]
    [InlineData("webhook-id")]
    [InlineData("webhook-anything")]
    [InlineData("traceparent")]
    [InlineData("baggage")]
    [InlineData("Metadata-Flavor")]
    [InlineData("X-Forwarded-For")]
    [InlineData("X_Forwarded_For")]
    [InlineData("Content_Length")]
    [InlineData("webhook_signature")]
    [InlineData("X-HTTP-Method-Override")]
    [InlineData("X-Original-URL")]
    [InlineData("X-Real-IP")]
    [InlineData("Proxy-Authorization")]
    [InlineData("User-Agent")]
    [InlineData("Expires")]
    [InlineData("X A")]
    [InlineData("X:")]
    [InlineData("")]
    [InlineData("X\r\nY")]
    [InlineData("ä")]
    [InlineData(null)]
    [InlineData("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")]
    public void A_header_that_is_not_a_profiles_to_set_is_refused(string? name) => Refuses("header", (name!, "x"));

    [Theory]
    [InlineData("v\r\nX-Evil: 1")]
    [InlineData("v\nX: 1")]
    [InlineData("v\rX")]
    [InlineData("a\0b")]
    [InlineData("é")]
    [InlineData("日本")]
    [InlineData("")]
    [InlineData(" a")]
    [InlineData("a ")]
    [InlineData("a\tb")]
    [InlineData(null)]
    public void A_value_that_is_not_printable_ASCII_is_refused_and_not_told(string? value)
    {
        var error = Refuses("X-Acme", ("X-Acme", value!));
        Assert.DoesNotContain("Evil", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Headers_have_limits_and_no_name_twice()
    {
        Refuses("X-Acme", ("X-Acme", new string('v', 1025)));
        Refuses("twice", ("X-Acme", "a"), ("x-acme", "b"));
        Refuses("20", [.. Enumerable.Range(0, 21).Select(i => ($"X-{i}", "x"))]);
        Refuses("8192", [.. Enumerable.Range(0, 9).Select(i => ($"X-{i}", new string('x', 1000)))]);
    }

    [Fact]
    public void Whatever_a_profile_throws_becomes_a_reason_that_gives_no_secret_away()
    {
        WebhookSignatureProfile[] broken =
        [
            input => throw new FormatException(input.Secret),
            input => Late(input),
            _ => null!,
        ];

        Assert.All(broken, sign =>
        {
            Assert.False(new SignatureProfiles([new("acme", sign)]).TrySign("acme", Input, out var lines, out var error));
            Assert.Null(lines);
            Assert.Contains("'acme'", error, StringComparison.Ordinal);
            Assert.DoesNotContain(Input.Secret, error, StringComparison.Ordinal);
        });

        static IEnumerable<KeyValuePair<string, string>> Late(WebhookSignatureInput input)
        {
            yield return new("X-Acme", "x");
            throw new NotSupportedException(input.Secret);
        }
    }

    [Fact]
    public void A_profile_that_the_app_no_longer_has_is_named_and_those_that_it_has()
    {
        Assert.False(new SignatureProfiles([]).TrySign("acme", Input, out _, out var error));
        Assert.Contains("'acme'", error, StringComparison.Ordinal);
        Assert.Contains("baanx, bird, docspace", error, StringComparison.Ordinal);
    }

    private static string Lines(params (string Name, string Value)[] headers)
    {
        Assert.True(Of(headers).TrySign("acme", Input, out var lines, out var error), error);
        return lines;
    }

    private static string Refuses(string expected, params (string Name, string Value)[] headers)
    {
        Assert.False(Of(headers).TrySign("acme", Input, out var lines, out var error));
        Assert.Null(lines);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        return error;
    }

    private static SignatureProfiles Of((string Name, string Value)[] headers) =>
        new([new("acme", _ => headers.Select(header => KeyValuePair.Create(header.Name, header.Value)))]);
}
