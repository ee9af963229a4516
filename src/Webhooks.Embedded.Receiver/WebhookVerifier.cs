using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Webhooks.Embedded.Signing;

namespace Webhooks.Embedded;

/// <summary>Verifies webhooks that were signed as Standard Webhooks has it: HMAC-SHA256 (<c>v1</c>) over id, timestamp and the raw body.</summary>
/// <remarks>
/// Make one for a set of secrets and keep it; it is safe to use from many threads. It does not remember ids: a sender repeats a webhook
/// whose answer got lost, so what a handler does should be safe to repeat for the same <c>webhook-id</c>.
/// </remarks>
/// <example><code>var verification = verifier.Verify(body, request.Headers);</code></example>
public sealed class WebhookVerifier
{
    private readonly HmacKey[] _keys;
    private readonly TimeSpan _tolerance;
    private readonly TimeProvider _timeProvider;

    /// <summary>Creates a verifier.</summary>
    /// <param name="secrets">
    /// The secrets, any of which may have signed; several while one is being rotated. One that starts with <c>whsec_</c> is base64, any
    /// other is used as its UTF-8 bytes.
    /// </param>
    /// <param name="tolerance">How far the timestamp may be from this clock, in either direction. Default: 5 minutes.</param>
    /// <param name="timeProvider">This clock. Default: the system's.</param>
    /// <exception cref="ArgumentException">There is no secret, or one of them cannot be used.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The tolerance is not positive.</exception>
    public WebhookVerifier(IEnumerable<string> secrets, TimeSpan? tolerance = null, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(secrets);
        _keys = [.. secrets.Select(GetKey)];
        if (_keys.Length == 0)
        {
            throw new ArgumentException("There must be at least one secret to verify with.", nameof(secrets));
        }

        _tolerance = tolerance ?? WebhookSignatureOptions.DefaultTolerance;
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(_tolerance, TimeSpan.Zero, nameof(tolerance));
        _timeProvider = timeProvider ?? TimeProvider.System;
    }

    /// <summary>Verifies a webhook by its body and its headers.</summary>
    /// <param name="body">The body exactly as it was received, not parsed and written again.</param>
    /// <param name="headers">The request's headers.</param>
    public WebhookVerification Verify(ReadOnlySpan<byte> body, IHeaderDictionary headers)
    {
        ArgumentNullException.ThrowIfNull(headers);
        return Verify(
            body,
            Single(headers, StandardWebhookSignature.IdHeader),
            Single(headers, StandardWebhookSignature.TimestampHeader),
            Single(headers, StandardWebhookSignature.SignatureHeader));
    }

    /// <summary>Verifies a webhook by its body and the values of its three headers.</summary>
    /// <param name="body">The body exactly as it was received, not parsed and written again.</param>
    /// <param name="id">The value of <c>webhook-id</c>, or null where it is missing.</param>
    /// <param name="timestamp">The value of <c>webhook-timestamp</c>, or null where it is missing.</param>
    /// <param name="signatures">The value of <c>webhook-signature</c>, or null where it is missing. Signatures of unknown versions do not count.</param>
    public WebhookVerification Verify(ReadOnlySpan<byte> body, string? id, string? timestamp, string? signatures)
    {
        if (IsMissing(id) || IsMissing(timestamp) || IsMissing(signatures))
        {
            return WebhookVerification.MissingHeader;
        }

        if (id.Contains('.', StringComparison.Ordinal))
        {
            return WebhookVerification.BadId;
        }

        if (!long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            return WebhookVerification.BadTimestamp;
        }

        var age = _timeProvider.GetUtcNow().ToUnixTimeSeconds() - seconds;
        if (age > _tolerance.TotalSeconds)
        {
            return WebhookVerification.TooOld;
        }

        if (-age > _tolerance.TotalSeconds)
        {
            return WebhookVerification.TooNew;
        }

        var matches = false;
        foreach (var key in _keys)
        {
            // No early exit, here neither: which of the secrets is in use is nobody's business.
            matches |= StandardWebhookSignature.Matches(key, id, seconds, body, signatures);
        }

        return matches ? WebhookVerification.Valid : WebhookVerification.NoMatchingSignature;
    }

    private static bool IsMissing([NotNullWhen(false)] string? value) => string.IsNullOrWhiteSpace(value);

    private static string? Single(IHeaderDictionary headers, string name)
    {
        var values = headers[name];
        return values.Count == 1 ? values[0] : null;
    }

    // The messages leave the secret out: they end up in logs.
    private static HmacKey GetKey(string secret)
    {
        if (string.IsNullOrWhiteSpace(secret))
        {
            throw new ArgumentException("A secret to verify with is empty. Is it configured?", nameof(secret));
        }

        if (secret.StartsWith("whsk_", StringComparison.Ordinal) || secret.StartsWith("whpk_", StringComparison.Ordinal))
        {
            throw new ArgumentException("Asymmetric keys (whsk_, whpk_) are not supported; use the webhook's whsec_ secret.", nameof(secret));
        }

        return StandardWebhookSignature.TryGetKey(secret, out var key)
            ? new HmacKey(key)
            : throw new ArgumentException("A secret starts with whsec_, but what follows is not base64. Was it copied in full?", nameof(secret));
    }
}
