using Microsoft.Extensions.Logging;
using Webhooks.Embedded.Signing;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.DependencyInjection;

/// <summary>Tells at the start whether secrets are protected, and whether those that are stored can be read.</summary>
internal sealed partial class SecretCheck(SecretVault vault, ILogger<SecretCheck> logger)
{
    private readonly ILogger _logger = logger;

    /// <exception cref="InvalidOperationException">Nothing protects secrets, or what does so does not work.</exception>
    public void Probe()
    {
        vault.Probe();
        if (vault.Warning is { } warning)
        {
            LogWarning(warning);
        }
    }

    /// <summary>The start goes on whatever is found: the other webhooks can be served, and keys can come back.</summary>
    public void Report(WebhookSnapshot webhooks)
    {
        var unreadable = webhooks.All.Count(webhook => !webhook.IsReadable);
        if (unreadable > 0)
        {
            LogUnreadable(unreadable, webhooks.All.Count);
        }

        // Left from before the app had a protector.
        var plain = vault.IsPlain ? 0 : webhooks.All.Count(webhook => webhook.Secrets.Any(secret => secret.IsPlain) || webhook.Headers.Any(header => header.IsPlain));
        if (plain > 0)
        {
            LogPlain(plain);
        }
    }

    [LoggerMessage(3301, LogLevel.Warning, "{Warning}", EventName = "SecretProtection")]
    private partial void LogWarning(string warning);

    [LoggerMessage(3302, LogLevel.Warning, "The secrets or headers of {Count} of {All} webhooks cannot be read here: the keys that they were protected with are missing. Their deliveries wait until the keys are back", EventName = "SecretsUnreadable")]
    private partial void LogUnreadable(int count, int all);

    [LoggerMessage(3303, LogLevel.Warning, "The secrets or headers of {Count} webhooks are stored as they are, from before they were protected. Rotate the secrets and set the headers anew", EventName = "SecretsNotProtected")]
    private partial void LogPlain(int count);
}
