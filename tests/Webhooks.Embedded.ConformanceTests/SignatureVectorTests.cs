using System.Text;
using Webhooks.Embedded.Signing;

namespace Webhooks.Embedded.ConformanceTests;

/// <summary>What the sender signs, against the published vector and against an HMAC made by hand.</summary>
public sealed class SignatureVectorTests
{
    [Fact]
    public void The_published_vector_is_reproduced() =>
        Assert.Equal(Vectors.Signature, StandardWebhookSignature.Compute(new HmacKey(Key(Vectors.Secret)), Vectors.Id, Vectors.Timestamp, Vectors.BodyBytes));

    [Fact]
    public void The_hand_made_oracle_reproduces_the_published_vector() =>
        Assert.Equal(
            Vectors.Signature,
            HandMadeSignature.Compute(Key(Vectors.Secret), Vectors.Id, $"{Vectors.Timestamp}", Encoding.UTF8.GetBytes(Vectors.Body)));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(55)]
    [InlineData(56)]
    [InlineData(64)]
    [InlineData(65_536)]
    [InlineData(1_048_576)]
    public void Bodies_of_every_size_are_signed_as_by_hand(int size)
    {
        var random = new Random(size);
        var body = new byte[size];
        random.NextBytes(body);
        foreach (var keySize in new[] { 1, 24, 32, 64, 65, 200 })
        {
            var key = new byte[keySize];
            random.NextBytes(key);
            AssertSignedAsByHand(key, "0190163d-8694-739b-aea5-966c26f8ad91", 1614265330, body);
        }
    }

    [Theory]
    [InlineData("", 0L)]
    [InlineData("msg_1", 0L)]
    [InlineData("msg_1", long.MaxValue)]
    [InlineData("id-with-ümläut-and-😀", 1L)]
    [InlineData("a-very-long-id-a-very-long-id-a-very-long-id-a-very-long-id-a-very-long-id-a-very-long-id-a-very-long-id-a-very-long-id-a-very-long-id", 9_999_999_999L)]
    public void Ids_and_timestamps_of_every_shape_are_signed_as_by_hand(string id, long timestamp) =>
        AssertSignedAsByHand([1, 2, 3], id, timestamp, "{}"u8.ToArray());

    [Fact]
    public void One_key_signs_for_many_threads_at_once()
    {
        var key = Key(Vectors.Secret);
        var hmac = new HmacKey(key);
        var bodies = Enumerable.Range(0, 20_000).Select(i => BitConverter.GetBytes(i)).ToArray();
        var signatures = new string[bodies.Length];

        Parallel.For(0, bodies.Length, i => signatures[i] = StandardWebhookSignature.Compute(hmac, "msg_1", 1614265330, bodies[i]));

        Assert.All(bodies.Index(), body => Assert.Equal(HandMadeSignature.Compute(key, "msg_1", "1614265330", body.Item), signatures[body.Index]));
    }

    [Fact]
    public void A_whsec_secret_is_base64() => Assert.Equal(24, Key(Vectors.Secret).Length);

    [Fact]
    public void Any_other_secret_is_its_UTF8_bytes() => Assert.Equal("test123!@#%ABC-ü"u8.ToArray(), Key("test123!@#%ABC-ü"));

    [Theory]
    [InlineData("")]
    [InlineData("whsec_")]
    [InlineData("whsec_!!!")]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS")]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa-_")]
    public void A_secret_without_key_is_none(string secret) => Assert.False(StandardWebhookSignature.TryGetKey(secret, out _));

    private static void AssertSignedAsByHand(byte[] key, string id, long timestamp, byte[] body)
    {
        var expected = HandMadeSignature.Compute(key, id, $"{timestamp}", body);
        var hmac = new HmacKey(key);
        Assert.Equal(expected, StandardWebhookSignature.Compute(hmac, id, timestamp, body));
        Assert.True(StandardWebhookSignature.Matches(hmac, id, timestamp, body, expected));
    }

    private static byte[] Key(string secret) =>
        StandardWebhookSignature.TryGetKey(secret, out var key) ? key : throw new ArgumentException("This is no secret.", nameof(secret));
}
