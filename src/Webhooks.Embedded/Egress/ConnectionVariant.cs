namespace Webhooks.Embedded.Egress;

/// <summary>What kind of connection a request goes over. Requests of different variants never share one.</summary>
/// <param name="VerifiesTls">Whether the receiver's certificate is verified.</param>
/// <param name="IsKept">Whether the connection may be one of an earlier request, and be kept for the next; if not, it is for this request alone.</param>
internal readonly record struct ConnectionVariant(bool VerifiesTls, bool IsKept)
{
    /// <summary>What nearly all requests take, and those of which nothing is known.</summary>
    public static readonly ConnectionVariant Default = new(VerifiesTls: true, IsKept: true);

    public static readonly ConnectionVariant[] All = [Default, new(true, false), new(false, true), new(false, false)];

    private static readonly HttpRequestOptionsKey<ConnectionVariant> Key = new("Webhooks.Embedded.Variant");

    /// <summary>The name of the variant's client.</summary>
    public string ClientName => $"{WebhookHttpClient.Name}{(VerifiesTls ? "" : ".Unverified")}{(IsKept ? "" : ".Fresh")}";

    public static ConnectionVariant Of(HttpRequestMessage request) =>
        request.Options.TryGetValue(Key, out var variant) ? variant : Default;

    public void SetOn(HttpRequestMessage request)
    {
        // Nearly all requests are of the default one, and need not say so.
        if (this != Default)
        {
            request.Options.Set(Key, this);
        }
    }
}
