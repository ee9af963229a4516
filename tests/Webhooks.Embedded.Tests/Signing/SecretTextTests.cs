using Webhooks.Embedded.Signing;

namespace Webhooks.Embedded.Tests.Signing;

public sealed class SecretTextTests
{
    [Fact]
    public void A_generated_secret_is_whsec_and_32_random_bytes()
    {
        var secret = SecretText.Generate();

        Assert.True(StandardWebhookSignature.TryGetKey(secret, out var key));
        Assert.Equal(32, key.Length);
        Assert.StartsWith("whsec_", secret, StringComparison.Ordinal);
        Assert.Null(SecretText.Check(secret));
        Assert.NotEqual(secret, SecretText.Generate());
    }

    [Theory]
    [InlineData(24, true)]
    [InlineData(64, true)]
    [InlineData(23, false)]
    [InlineData(65, false)]
    public void A_whsec_secret_holds_24_to_64_bytes(int bytes, bool isValid)
    {
        var secret = "whsec_" + Convert.ToBase64String([.. Enumerable.Range(1, bytes).Select(i => (byte)i)]);
        Assert.Equal(isValid, SecretText.Check(secret) is null);
    }

    [Theory]
    [InlineData("test123!@#%ABC")]
    [InlineData("whk_a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6")]
    [InlineData("12345678")]
    public void Secrets_of_other_systems_are_taken_as_they_are(string secret) => Assert.Null(SecretText.Check(secret));

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("whsec_")]
    [InlineData("whsec_!!!")]
    [InlineData("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData(" 12345678 ")]
    [InlineData("1234\n5678")]
    [InlineData("1234\u00005678")]
    [InlineData("secret-😀-secret")]
    public void What_cannot_be_a_secret_is_refused(string secret) => Assert.Equal("secret", SecretText.Check(secret)?.Field);

    [Fact]
    public void A_secret_of_257_characters_is_refused()
    {
        Assert.Null(SecretText.Check(new string('x', 256)));
        Assert.NotNull(SecretText.Check(new string('x', 257)));
    }
}
