using Webhooks.Embedded.Benchmarks.Receiving;
using Webhooks.Embedded.Benchmarks.Stores;

namespace Webhooks.Embedded.Benchmarks;

/// <summary>What a scenario runs with, and where it says what it has measured.</summary>
internal sealed class Run(string scenario, Sizes sizes, IBenchmarkStore store, ReceiverProcess receiver, Ceiling ceiling, Results results)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public Sizes Sizes => sizes;

    public IBenchmarkStore Store => store;

    public ReceiverProcess Receiver => receiver;

    public Ceiling Ceiling => ceiling;

    /// <summary>Posts a second that this machine could make without us, moments ago.</summary>
    public double CeilingRate { get; set; }

    /// <summary>The processor time of such a post, of the sender alone.</summary>
    public TimeSpan CeilingCost { get; set; }

    public void Add(string measure, double value) => results.Add(scenario, measure, value);

    /// <summary>Measures the ceiling, so that a ratio to it is taken from the same moments.</summary>
    public async Task MeasureCeilingAsync(int concurrency)
    {
        var cost = Stopwatches.Start(store);
        await ceiling.PostAsync(receiver, sizes.Posts, concurrency);
        var (elapsed, processor, _) = cost.Stop();
        CeilingRate = sizes.Posts / elapsed.TotalSeconds;
        CeilingCost = processor / sizes.Posts;
        results.Add("ceiling", $"posts/s, {concurrency} at once", CeilingRate);
        results.Add("ceiling", $"µs of processor time a post, {concurrency} at once", CeilingCost.TotalMicroseconds);
    }

    /// <summary>Waits for the outcomes, and makes sure that none is missing or doubled.</summary>
    public async Task DeliveredAsync(BenchmarkApp app, int deliveries, int before = 0)
    {
        await app.RecordedAsync(before + deliveries, Patience);
        var received = await receiver.ReadAsync();
        var unfinished = await app.UnfinishedAsync();
        if (received.Requests != deliveries || received.Deliveries != deliveries || unfinished > 0)
        {
            throw new LostOrDoubledException(
                $"{scenario} on {store.Name}: of {deliveries} deliveries {received.Deliveries} arrived, by {received.Requests} requests; {unfinished} are not finished.");
        }
    }
}

/// <summary>An event was lost, or sent twice without need. No figure counts then.</summary>
internal sealed class LostOrDoubledException(string message) : Exception(message);
