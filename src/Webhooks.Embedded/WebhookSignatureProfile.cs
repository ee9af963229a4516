namespace Webhooks.Embedded;

/// <summary>
/// Makes the headers of a signature that receivers know beside, or instead of, that of Standard Webhooks. Called once for each attempt, by
/// several at once; it must be quick and have no effects.
/// </summary>
/// <param name="input">What is sent, when, where to, and the secret to sign with.</param>
/// <returns>
/// The headers to send: at most 20, of 8,192 characters in all. A name is a token of at most 64 characters and none that a request has
/// anyway (<c>Host</c>, <c>Content-*</c>, <c>webhook-*</c>, …); a value is at most 1,024 printable ASCII characters. Where that is not so,
/// or the profile throws, nothing is sent and the log says why.
/// </returns>
public delegate IEnumerable<KeyValuePair<string, string>> WebhookSignatureProfile(WebhookSignatureInput input);
