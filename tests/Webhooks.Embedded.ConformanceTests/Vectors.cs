namespace Webhooks.Embedded.ConformanceTests;

/// <summary>The vector that the official Standard Webhooks libraries all repeat, and the asymmetric signature over the same message.</summary>
internal static class Vectors
{
    public const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    public const string Id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    public const long Timestamp = 1614265330;
    public const string Body = """{"test": 2432232314}""";
    public const string Signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    public const string AsymmetricSignature = "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==";

    public static ReadOnlySpan<byte> BodyBytes => """{"test": 2432232314}"""u8;
}
