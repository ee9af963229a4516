using Microsoft.Extensions.Hosting;

namespace Webhooks.Embedded.Benchmarks.Sending;

/// <summary>An app of the benchmarks starts and stops when the scenario says so.</summary>
internal sealed class ProgramLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
