using Microsoft.Extensions.Hosting;
using Webhooks.Embedded.Signing;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.DependencyInjection;

/// <summary>Opens the store at the start, so that an app without a usable store does not come up.</summary>
internal sealed class StoreStarter(
    WebhookDatabase database, WebhookDirectory webhooks, TriggerCatalogue triggers, SignatureProfiles profiles, SecretCheck secrets, LiveOptions options) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // Built here, so that a catalogue or a signature profile with a fault stops the start too.
        foreach (var trigger in triggers.All)
        {
            TriggerExample.Check(trigger, options.Current.MaxPayloadBytes);
        }

        _ = profiles.Names;
        secrets.Probe();
        await database.EnsureReadyAsync(cancellationToken);

        // So that no publisher is the first to ask, who may hold a transaction, and with it all the connections there are.
        secrets.Report(await webhooks.GetAsync(cancellationToken));
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
