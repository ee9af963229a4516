namespace Webhooks.Embedded.AspNetCore.Authentication;

/// <summary>Defaults of the API-key authentication.</summary>
public static class WebhookApiKeyDefaults
{
    /// <summary>The scheme's name where the app gives none: <c>WebhookApiKey</c>.</summary>
    public const string AuthenticationScheme = "WebhookApiKey";
}
