using System.Diagnostics;
using Webhooks.Embedded.Benchmarks.Sending;
using Webhooks.Embedded.Benchmarks.Stores;

namespace Webhooks.Embedded.Benchmarks.Scenarios;

/// <summary>What a node costs that has nothing to do.</summary>
internal sealed class Idle : IScenario
{
    // One claim a second, and three more.
    private const int Quiet = 9;

    // The first deliveries leave their figures to be stored, which a node does every five seconds.
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public string Name => "idle";

    public async Task RunAsync(Run run)
    {
        // So few statements are executed that counting them costs nothing.
        await using var database = await run.Store.CreateAsync(countsStatements: true);
        await using var app = await BenchmarkApp.StartAsync(database);
        await app.RegisterAsync(run.Receiver.UrlOf, 10);
        await run.Receiver.ResetAsync();
        await run.DeliverAsync(app, 10, fanOut: 1, publishers: 1);
        await UntilQuietAsync(database);

        var before = await database.StatementsAsync();
        var cost = await Cost.OfAsync(run.Store, () => Task.Delay(run.Sizes.Idle, TimeProvider.System));
        var counted = await database.StatementsAsync() - before;
        run.Add("transactions a second", counted.Transactions / cost.Elapsed.TotalSeconds, Bar.AtMost(1));
        run.Add("SQL statements a second", counted.Statements / cost.Elapsed.TotalSeconds);
        run.Add("ms of processor time a second, the app's", cost.Processor / cost.Elapsed * 1000);
        if (run.Store.HasProcesses)
        {
            run.Add("ms of processor time a second, the database's", cost.Engine / cost.Elapsed * 1000);
        }
    }

    /// <summary>What the start and the first deliveries have left to do is done when little is asked. A node that never rests is measured as it is.</summary>
    private static async Task UntilQuietAsync(IBenchmarkDatabase database)
    {
        var started = Stopwatch.GetTimestamp();
        var before = await database.StatementsAsync();
        while (Stopwatch.GetElapsedTime(started) < Patience)
        {
            await Task.Delay(Look, TimeProvider.System);
            var now = await database.StatementsAsync();
            if ((now - before).Transactions <= Quiet)
            {
                return;
            }

            before = now;
        }
    }
}
