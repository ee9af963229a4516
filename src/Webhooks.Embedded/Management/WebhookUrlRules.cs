namespace Webhooks.Embedded.Management;

/// <summary>What a webhook's URL must look like. Where it may lead is decided when a connection is made, not here.</summary>
internal static class WebhookUrlRules
{
    private const int MaxLength = 2048;

    public static IEnumerable<WebhookFieldError> Check(string? url)
    {
        if (string.IsNullOrWhiteSpace(url))
        {
            return [Error("required", "It is missing. Give an absolute URL such as https://example.com/webhooks.")];
        }

        if (url.Length > MaxLength)
        {
            return [Error("too_long", $"It has {url.Length} characters; at most {MaxLength} are allowed.")];
        }

        if (url.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c == '\\'))
        {
            return [Error("invalid_url", "It holds white space, a control character or a backslash. Percent-encode it.")];
        }

        if (!IsHttp(url) || !Uri.TryCreate(url, UriKind.Absolute, out var uri) || !HasHost(uri))
        {
            return [Error("invalid_url", "It is not an absolute http or https URL, such as https://example.com/webhooks.")];
        }

        if (uri.UserInfo.Length > 0)
        {
            return [Error("invalid_url", "It holds user information. Receivers know a webhook by its signature; leave name and password out.")];
        }

        if (uri.Fragment.Length > 0)
        {
            return [Error("invalid_url", "It has a fragment (#…), which is never sent. Leave it out.")];
        }

        return uri.Port == 0 ? [Error("invalid_url", "Port 0 cannot be connected to.")] : [];
    }

    private static bool IsHttp(string url) =>
        url.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || url.StartsWith("http://", StringComparison.OrdinalIgnoreCase);

    private static bool HasHost(Uri uri)
    {
        try
        {
            return uri.IdnHost.Length > 0 && !uri.Host.Contains("..", StringComparison.Ordinal);
        }
        catch (UriFormatException)
        {
            // Some hosts that parse cannot be written in ASCII, so that they cannot be looked up.
            return false;
        }
    }

    private static WebhookFieldError Error(string code, string message) => new("url", code, message);
}
