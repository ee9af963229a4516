using System.Runtime.CompilerServices;

namespace Webhooks.Embedded.AspNetCore;

/// <summary>Reads all webhooks, for APIs that list them without pages.</summary>
internal static class RegistryPages
{
    private const int PageSize = 1000;

    public static async IAsyncEnumerable<Webhook> AllAsync(
        this IWebhookRegistry registry, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var query = new WebhookQuery { Limit = PageSize };
        do
        {
            var page = await registry.ListAsync(query, cancellationToken);
            foreach (var webhook in page.Items)
            {
                yield return webhook;
            }

            query = query with { Cursor = page.Next };
        }
        while (query.Cursor is not null);
    }
}
