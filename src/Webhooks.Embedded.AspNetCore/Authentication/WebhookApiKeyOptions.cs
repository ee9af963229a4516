using Microsoft.AspNetCore.Authentication;

namespace Webhooks.Embedded.AspNetCore.Authentication;

/// <summary>Options of the API-key authentication.</summary>
public sealed class WebhookApiKeyOptions : AuthenticationSchemeOptions
{
    /// <summary>The keys that are let in. Two at a time let clients move from one to the other without an interruption.</summary>
    /// <value>Required: at least one, none of them blank or with spaces. An app that has none does not start.</value>
    public IList<string> Keys { get; set; } = [];
}
