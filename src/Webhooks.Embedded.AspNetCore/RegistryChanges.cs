namespace Webhooks.Embedded.AspNetCore;

/// <summary>Changes webhooks for callers who say only some of what a webhook is, and do not say of which version.</summary>
internal static class RegistryChanges
{
    private const int MaxRereads = 10;

    /// <summary>Puts a change on top of whatever others have changed meanwhile, so that what the caller does not give stays as they left it.</summary>
    /// <param name="registry">The webhooks.</param>
    /// <param name="find">Reads the webhook; null where there is none.</param>
    /// <param name="change">Its settings after the change.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The webhook as it is now, or null where there is none.</returns>
    /// <exception cref="WebhookChangedException">Others changed it every time before this could.</exception>
    public static async Task<Webhook?> ChangeLatestAsync(
        this IWebhookRegistry registry, Func<Task<Webhook?>> find, Func<Webhook, Task<WebhookSettings>> change, CancellationToken cancellationToken)
    {
        for (var rereads = 0; ; rereads++)
        {
            if (await find() is not { } current)
            {
                return null;
            }

            try
            {
                return await registry.ChangeAsync(current.Id, await change(current), current.Version, cancellationToken);
            }
            catch (WebhookChangedException) when (rereads < MaxRereads)
            {
                // Somebody else changed it after it was read. Nothing of this change was stored: it is made again on top of theirs.
            }
        }
    }
}
