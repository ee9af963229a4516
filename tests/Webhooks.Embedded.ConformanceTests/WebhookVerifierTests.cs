using System.Text;
using Microsoft.AspNetCore.Http;

namespace Webhooks.Embedded.ConformanceTests;

/// <summary>What a receiver accepts, and for which reason it refuses the rest.</summary>
public sealed class WebhookVerifierTests
{
    private const string OtherSecret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

    private static readonly int ToleranceSeconds = (int)TimeSpan.FromMinutes(5).TotalSeconds;

    [Fact]
    public void The_published_vector_is_valid()
    {
        var verification = Verify();

        Assert.True(verification.IsValid);
        Assert.Null(verification.Rejection);
    }

    [Fact]
    public void Another_secret_does_not_match() =>
        Assert.Equal(WebhookRejection.NoMatchingSignature, Verify(secrets: [OtherSecret]).Rejection);

    [Fact]
    public void Any_of_several_secrets_may_have_signed()
    {
        Assert.True(Verify(secrets: [OtherSecret, Vectors.Secret]).IsValid);
        Assert.True(Verify(secrets: [Vectors.Secret, OtherSecret]).IsValid);
    }

    [Fact]
    public void A_secret_that_is_not_base64_is_used_as_it_is()
    {
        var signature = HandMadeSignature.Compute(
            Encoding.UTF8.GetBytes("test123!@#%ABC"), Vectors.Id, $"{Vectors.Timestamp}", Encoding.UTF8.GetBytes(Vectors.Body));

        Assert.True(Verify(signatures: signature, secrets: ["test123!@#%ABC"]).IsValid);
    }

    [Theory]
    [InlineData("""{"test": 2432232315}""")]
    [InlineData("""{"test":2432232314}""")]
    [InlineData("{\"test\": 2432232314}\n")]
    [InlineData("")]
    public void A_changed_body_does_not_match(string body) =>
        Assert.Equal(WebhookRejection.NoMatchingSignature, Verify(body: body).Rejection);

    [Fact]
    public void A_changed_id_does_not_match() =>
        Assert.Equal(WebhookRejection.NoMatchingSignature, Verify(id: "msg_p5jXN8AQM9LWM0D4loKWxJeK").Rejection);

    [Fact]
    public void A_changed_timestamp_does_not_match() =>
        Assert.Equal(WebhookRejection.NoMatchingSignature, Verify(timestamp: $"{Vectors.Timestamp + 1}").Rejection);

    [Fact]
    public void An_id_with_a_dot_is_refused_however_it_is_signed()
    {
        // The same signed text, cut elsewhere: "a.1.2.b" is id "a", time 1, body "2.b", and id "a.1", time 2, body "b".
        const string Id = "msg.1614265330";
        var signature = HandMadeSignature.Compute(KeyOfVector, Id, $"{Vectors.Timestamp}", Encoding.UTF8.GetBytes(Vectors.Body));

        Assert.Equal(WebhookRejection.BadId, Verify(id: Id, signatures: signature).Rejection);
    }

    [Theory]
    [InlineData("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=")]
    [InlineData("v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")]
    [InlineData("v1,not-base64 v1 v1, v1,AA== v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")]
    [InlineData("  v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=  ")]
    [InlineData(Vectors.AsymmetricSignature + " " + Vectors.Signature)]
    [InlineData("v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= " + Vectors.Signature)]
    public void One_matching_signature_of_several_is_enough(string signatures) => Assert.True(Verify(signatures: signatures).IsValid);

    [Theory]
    [InlineData(Vectors.AsymmetricSignature)]
    [InlineData("v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")]
    [InlineData("v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")]
    [InlineData("V1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")]
    [InlineData("g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")]
    [InlineData(",g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")]
    public void Signatures_of_other_versions_do_not_count(string signatures) =>
        Assert.Equal(WebhookRejection.NoMatchingSignature, Verify(signatures: signatures).Rejection);

    [Theory]
    [InlineData("v1,")]
    [InlineData("v1,AA==")]
    [InlineData("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE")]
    [InlineData("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OI=")]
    [InlineData("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OEA")]
    [InlineData("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=AAAAAAAA")]
    [InlineData("v1,834cfd4ab104f8e4cf2531adfed9882ad4b2665137b852442d594d20e2c9d4e1")]
    [InlineData("nonsense")]
    public void A_broken_signature_does_not_match(string signatures) =>
        Assert.Equal(WebhookRejection.NoMatchingSignature, Verify(signatures: signatures).Rejection);

    [Fact]
    public void A_signature_that_is_longer_than_any_is_no_match_and_no_fault() =>
        Assert.Equal(WebhookRejection.NoMatchingSignature, Verify(signatures: "v1," + new string('A', 1_000_000)).Rejection);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    public void Each_of_the_three_headers_must_be_there(string? value)
    {
        Assert.Equal(WebhookRejection.MissingHeader, Verify(new Received { Id = value }).Rejection);
        Assert.Equal(WebhookRejection.MissingHeader, Verify(new Received { Timestamp = value }).Rejection);
        Assert.Equal(WebhookRejection.MissingHeader, Verify(new Received { Signatures = value }).Rejection);
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("1614265330.0")]
    [InlineData("1,614,265,330")]
    [InlineData("+1614265330")]
    [InlineData("-1614265330")]
    [InlineData(" 1614265330")]
    [InlineData("1614265330\n")]
    [InlineData("0x6037C4F2")]
    [InlineData("1.614e9")]
    [InlineData("2021-02-25T15:02:10Z")]
    [InlineData("٠١٢٣")]
    [InlineData("9223372036854775808")]
    [InlineData("99999999999999999999999999999999")]
    public void A_timestamp_that_is_no_whole_number_of_seconds_is_refused(string timestamp) =>
        Assert.Equal(WebhookRejection.BadTimestamp, Verify(timestamp: timestamp).Rejection);

    [Theory]
    [InlineData("9223372036854775807")]
    [InlineData("253402300800")]
    [InlineData("1614265330000")]
    public void A_timestamp_beyond_every_calendar_is_too_new(string timestamp) =>
        Assert.Equal(WebhookRejection.TooNew, Verify(timestamp: timestamp).Rejection);

    [Fact]
    public void Timestamp_zero_is_too_old() => Assert.Equal(WebhookRejection.TooOld, Verify(timestamp: "0").Rejection);

    [Fact]
    public void Five_minutes_in_either_direction_are_tolerated_and_no_second_more()
    {
        Assert.True(Verify(clockOffset: ToleranceSeconds).IsValid);
        Assert.Equal(WebhookRejection.TooOld, Verify(clockOffset: ToleranceSeconds + 1).Rejection);
        Assert.True(Verify(clockOffset: -ToleranceSeconds).IsValid);
        Assert.Equal(WebhookRejection.TooNew, Verify(clockOffset: -ToleranceSeconds - 1).Rejection);
    }

    [Fact]
    public void The_tolerance_can_be_set()
    {
        Assert.Equal(WebhookRejection.TooOld, Verify(clockOffset: 11, tolerance: TimeSpan.FromSeconds(10)).Rejection);
        Assert.True(Verify(clockOffset: 86_400, tolerance: TimeSpan.MaxValue).IsValid);
    }

    [Fact]
    public void Headers_are_found_whatever_their_case()
    {
        var headers = Headers();
        headers.Remove("webhook-id");
        headers["Webhook-ID"] = Vectors.Id;

        Assert.True(Verifier().Verify(Vectors.BodyBytes, headers).IsValid);
    }

    [Theory]
    [InlineData("webhook-id")]
    [InlineData("webhook-timestamp")]
    [InlineData("webhook-signature")]
    public void A_header_that_is_missing_or_doubled_is_refused(string name)
    {
        var without = Headers();
        without.Remove(name);
        var doubled = Headers();
        doubled.Append(name, doubled[name]);

        Assert.Equal(WebhookRejection.MissingHeader, Verifier().Verify(Vectors.BodyBytes, without).Rejection);
        Assert.Equal(WebhookRejection.MissingHeader, Verifier().Verify(Vectors.BodyBytes, doubled).Rejection);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("whsec_")]
    [InlineData("whsec_???")]
    [InlineData("whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==")]
    [InlineData("whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=")]
    public void A_secret_that_cannot_verify_is_refused_at_once_and_not_repeated_in_the_message(string secret)
    {
        var exception = Assert.Throws<ArgumentException>(() => new WebhookVerifier([Vectors.Secret, secret]));

        Assert.True(secret.Trim().Length <= 6 || !exception.Message.Contains(secret, StringComparison.Ordinal));
    }

    [Fact]
    public void No_secret_at_all_is_refused_at_once() => Assert.Throws<ArgumentException>(() => new WebhookVerifier([]));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_tolerance_that_lets_nothing_through_is_refused_at_once(int seconds) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new WebhookVerifier([Vectors.Secret], TimeSpan.FromSeconds(seconds)));

    private static byte[] KeyOfVector => Convert.FromBase64String(Vectors.Secret["whsec_".Length..]);

    private static WebhookVerifier Verifier() => new([Vectors.Secret], timeProvider: new FixedTime(Vectors.Timestamp));

    private static HeaderDictionary Headers() => new()
    {
        ["webhook-id"] = Vectors.Id,
        ["webhook-timestamp"] = $"{Vectors.Timestamp}",
        ["webhook-signature"] = Vectors.Signature,
    };

    private static WebhookVerification Verify(
        string body = Vectors.Body,
        string id = Vectors.Id,
        string? timestamp = null,
        string signatures = Vectors.Signature,
        string[]? secrets = null,
        int clockOffset = 0,
        TimeSpan? tolerance = null) =>
        new WebhookVerifier(secrets ?? [Vectors.Secret], tolerance, new FixedTime(Vectors.Timestamp + clockOffset))
            .Verify(Encoding.UTF8.GetBytes(body), id, timestamp ?? $"{Vectors.Timestamp}", signatures);

    private static WebhookVerification Verify(Received received) =>
        Verifier().Verify(Vectors.BodyBytes, received.Id, received.Timestamp, received.Signatures);

    private sealed record Received
    {
        public string? Id { get; init; } = Vectors.Id;

        public string? Timestamp { get; init; } = $"{Vectors.Timestamp}";

        public string? Signatures { get; init; } = Vectors.Signature;
    }
}
