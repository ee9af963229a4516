using Webhooks.Embedded.Benchmarks.Sending;

namespace Webhooks.Embedded.Benchmarks.Scenarios;

/// <summary>Publishing on a node that leaves delivering to others.</summary>
internal sealed class PublishAlone(int publishers) : IScenario
{
    public string Name => publishers == 1 ? "publish alone, 1 publisher" : $"publish alone, {publishers} publishers";

    public async Task RunAsync(Run run)
    {
        // One after the other they take far longer.
        var events = publishers == 1 ? run.Sizes.Deliveries / 20 : run.Sizes.Deliveries;
        var warmUp = events / 10;
        await using var database = await run.Store.CreateAsync();
        await using var app = await BenchmarkApp.StartAsync(database, dispatches: false);
        await app.RegisterAsync(run.Receiver.UrlOf, 1);
        await app.PublishAsync(warmUp, publishers);
        var cost = await Cost.OfAsync(run.Store, () => app.PublishAsync(events, publishers));
        if (await database.CountAsync("webhook_queue") is var stored && stored != warmUp + events)
        {
            throw new LostOrDoubledException($"{run.Store.Name}: {Name}: of {warmUp + events} deliveries {stored} are stored.");
        }

        run.Add("events/s", events / cost.Elapsed.TotalSeconds);
        run.AddProcessorTime("an event", cost, events);
    }
}
