using Microsoft.Extensions.Hosting;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.DependencyInjection;

/// <summary>Opens the store at the start, so that an app without a usable store does not come up.</summary>
internal sealed class StoreStarter(WebhookDatabase database, TriggerCatalogue triggers) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // Built here, so that a catalogue with a fault stops the start too.
        _ = triggers.All;
        await database.EnsureReadyAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
