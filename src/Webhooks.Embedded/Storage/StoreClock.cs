namespace Webhooks.Embedded.Storage;

/// <summary>
/// Store time: what every stored time is measured by, in Unix milliseconds. Due times and leases are compared in it, so nodes that share
/// a store must agree on it; an engine with a clock of its own corrects the node's. Elapsed time is measured by the node alone.
/// </summary>
internal sealed class StoreClock(TimeProvider timeProvider)
{
    public TimeProvider TimeProvider { get; } = timeProvider;

    public long Now => TimeProvider.GetUtcNow().ToUnixTimeMilliseconds();
}
