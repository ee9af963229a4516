using Microsoft.Extensions.Hosting;

namespace Webhooks.Embedded.Dispatching;

/// <summary>Tells the app's observers as long as the host runs, and at its stop what is left, within the host's time.</summary>
internal sealed class ObserverService(WebhookObservers observers) : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _aborting = new();
    private Task _telling = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _telling = Task.Run(() => observers.RunAsync(_aborting.Token), CancellationToken.None);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        observers.Complete();
        try
        {
            await _telling.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The host's time is over. An observer that hangs is not waited for.
            await _aborting.CancelAsync();
        }
    }

    public void Dispose()
    {
        observers.Complete();
        _aborting.Cancel();
        _aborting.Dispose();
    }
}
