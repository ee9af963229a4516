namespace Webhooks.Embedded.EndToEndTests;

/// <summary>One process for the tests that only talk to it: each of them uses sinks and events of its own.</summary>
public sealed class RunningQuickStart : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private QuickStartProcess? _process;

    internal QuickStartClient Client => _process!.Client;

    public async ValueTask InitializeAsync() => _process = await QuickStartProcess.StartAsync(
        _folder.File("webhooks.db"), "--Webhooks:Retry:Delays:0", "00:00:00.1", "--Webhooks:Retry:Jitter", "0");

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _folder.Dispose();
    }
}
