using Webhooks.Embedded.Benchmarks.Receiving;
using Webhooks.Embedded.Benchmarks.Sending;
using Webhooks.Embedded.Benchmarks.Stores;

namespace Webhooks.Embedded.Benchmarks;

/// <summary>What a scenario runs with, and where it says what it has measured.</summary>
internal sealed class Run(string scenario, Sizes sizes, IBenchmarkStore store, ReceiverProcess receiver, Ceiling ceiling, Results results)
{
    private const int CeilingConcurrency = 64;

    /// <summary>How long anything may take before it counts as lost.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public Sizes Sizes => sizes;

    public IBenchmarkStore Store => store;

    public ReceiverProcess Receiver => receiver;

    public Ceiling Ceiling => ceiling;

    public void Add(string measure, double value, Bar? bar = null) => results.Add(scenario, measure, value, bar?.On(store));

    /// <summary>
    /// Has so many deliveries made by <paramref name="work"/>, which begins with an empty receiver and returns when all is checked. As many bare posts are
    /// made before and after it, so that the ratio is of the same moments whichever way the machine drifts.
    /// </summary>
    public async Task MeasureAsync(int deliveries, Func<Task<Cost>> work, Bar? bar)
    {
        var before = await CeilingAsync(deliveries);
        await receiver.ResetAsync();
        var cost = await work();
        var after = await CeilingAsync(deliveries);

        var elapsed = (before.Elapsed + after.Elapsed) / 2;
        var processor = (before.Processor + after.Processor) / 2;
        Add("of the ceiling's rate", elapsed / cost.Elapsed, bar);
        Add("processor time a delivery of a bare post's, the app's", cost.Processor / processor);
        if (store.HasProcesses)
        {
            Add("processor time a delivery of a bare post's, the database's", cost.Engine / processor);
        }

        Add("deliveries/s", deliveries / cost.Elapsed.TotalSeconds);
        AddProcessorTime("a delivery", cost, deliveries);
        results.Add(Results.Ceiling, $"posts/s, {CeilingConcurrency} at once", deliveries / elapsed.TotalSeconds);
        results.Add(Results.Ceiling, $"µs of processor time a post, {CeilingConcurrency} at once", processor.TotalMicroseconds / deliveries);
    }

    public void AddProcessorTime(string each, Cost cost, int count)
    {
        Add($"µs of processor time {each}, the app's", cost.Processor.TotalMicroseconds / count);
        if (store.HasProcesses)
        {
            Add($"µs of processor time {each}, the database's", cost.Engine.TotalMicroseconds / count);
        }
    }

    /// <summary>Publishes events for so many deliveries beyond those of before, and waits until all are recorded.</summary>
    public async Task<Cost> DeliverAsync(BenchmarkApp app, int deliveries, int fanOut, int publishers, long before = 0)
    {
        app.Outcomes.Watch();
        var cost = await Cost.OfAsync(store, async () =>
        {
            await app.PublishAsync(deliveries / fanOut, publishers);
            await RecordedAsync(app, before + deliveries);
        });
        await CheckAsync(app, deliveries);
        return cost;
    }

    /// <summary>Waits for the outcomes of so many attempts since the app's start.</summary>
    public async Task RecordedAsync(BenchmarkApp app, long attempts)
    {
        try
        {
            await app.Outcomes.WhenRecordedAsync(attempts, Patience);
        }
        catch (TimeoutException)
        {
            throw new LostOrDoubledException(
                $"{scenario}: {app.Outcomes.Recorded} of {attempts} outcomes were recorded within {Patience.TotalMinutes} minutes. {string.Join("; ", app.Outcomes.Strangeness())}");
        }
    }

    /// <summary>Makes sure that none is missing or doubled of so many deliveries since the receiver was last reset.</summary>
    public async Task CheckAsync(BenchmarkApp app, int deliveries)
    {
        var received = await receiver.ReadAsync();
        var unfinished = await app.UnfinishedAsync();
        if (received.Requests != deliveries || received.Deliveries != deliveries || unfinished > 0)
        {
            throw new LostOrDoubledException(
                $"{scenario}: of {deliveries} deliveries {received.Deliveries} arrived, by {received.Requests} requests; {unfinished} are not finished. {string.Join("; ", app.Outcomes.Strangeness())}");
        }
    }

    private Task<Cost> CeilingAsync(int posts) => Cost.OfAsync(store, () => ceiling.PostAsync(receiver, posts, CeilingConcurrency));
}
