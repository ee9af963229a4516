using System.Security.Cryptography;
using System.Text;
using Webhooks.Embedded.Signing;

namespace Webhooks.Embedded.Tests.Signing;

/// <summary>The vendors' signatures against vectors that were computed by other means, and against what each of them says of its own.</summary>
public sealed class VendorSignatureTests
{
    private const string Body = """{"event":"order.created","id":1}""";
    private static readonly Guid Id = Guid.Parse("0190163d-8694-739b-aea5-966c26f8ad91");

    [Fact]
    public void DocSpace_signs_the_body_in_upper_case_hexadecimal() => Assert.Equal(
        "x-docspace-signature-256: sha256=F3BF705F4532EFA37EDFF1E0DE87193167ECADA12B7B6C0CFC011706E36D9C0B",
        Sign("docspace", "test123!@#%ABC"));

    [Fact]
    public void Baanx_signs_the_time_and_the_body_in_lower_case_hexadecimal() => Assert.Equal(
        "X-Timestamp: 1704067200\nX-Signature: 17202c7785e027d31c9ed8c28ea8cc24a25683015ae2f01f4c150eea57a6af23",
        Sign("baanx", "whk_a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6"));

    [Fact]
    public void Bird_signs_the_time_the_URL_and_the_hash_of_the_body_in_base64() => Assert.Equal(
        """
        messagebird-request-id: 0190163d-8694-739b-aea5-966c26f8ad91
        messagebird-request-timestamp: 1704067200
        messagebird-signature: Q8cZsm+OTzPXuKGfHcLUT8OsggNY9QAtT1zi7u9xboQ=
        """.ReplaceLineEndings("\n"),
        Sign("bird", "KeV+/HGoIQrxuE5YPCRR6AuQOJveldYNNhbVi1i22qk="));

    [Fact]
    public void Bird_signs_the_URL_as_it_was_registered() => Assert.NotEqual(
        Sign("bird", "a-secret", url: "https://example.com/webhook"), Sign("bird", "a-secret", url: "https://EXAMPLE.com:443/webhook"));

    [Fact]
    public void The_key_is_the_whole_text_also_of_a_secret_that_Standard_Webhooks_decodes()
    {
        const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        var expected = Convert.ToHexString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes(Body)));

        Assert.EndsWith($"sha256={expected}", Sign("docspace", Secret), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("docspace")]
    [InlineData("baanx")]
    [InlineData("bird")]
    public void Any_body_and_any_secret_can_be_signed(string profile)
    {
        Assert.NotEmpty(Sign(profile, "ü😀", body: ""));
        Assert.NotEmpty(Sign(profile, new string('x', 256), body: new string('y', 1_000_000)));
    }

    private static string Sign(string profile, string secret, string url = "https://example.com/webhook", string body = Body)
    {
        var input = new WebhookSignatureInput { Id = Id, Timestamp = 1704067200, Url = url, Body = Encoding.UTF8.GetBytes(body), Secret = secret };
        Assert.True(new SignatureProfiles([]).TrySign(profile, input, out var lines, out var error), error);
        return lines;
    }
}
