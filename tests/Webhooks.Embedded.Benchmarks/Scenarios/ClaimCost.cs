using Webhooks.Embedded.Benchmarks.Sending;
using Webhooks.Embedded.Benchmarks.Stores;

namespace Webhooks.Embedded.Benchmarks.Scenarios;

/// <summary>What a claim of a hundred costs beside few and beside many finished deliveries, of many webhooks, and while vacuum is kept from its work.</summary>
internal sealed class ClaimCost : IScenario
{
    private const int FewWebhooks = 16;

    public string Name => $"claim of {Claims.Size}";

    public async Task RunAsync(Run run)
    {
        var (little, much) = (run.Sizes.History[0], run.Sizes.History[1]);
        var few = await BesideAsync(run, little, FewWebhooks, Claims.Size);
        var many = await BesideAsync(run, much, FewWebhooks, Claims.Size);
        var heads = await BesideAsync(run, little, run.Sizes.ManyWebhooks, maxPerWebhook: 2);
        few = (few + await BesideAsync(run, little, FewWebhooks, Claims.Size)) / 2; // Before and after, against the machine's drift.
        var held = run.Store is PostgreSqlBenchmarkStore ? await WithSnapshotAsync(run) : (double?)null;

        run.Add(FormattableString.Invariant($"beside {much:#,0} finished deliveries of beside {little:#,0}"), many / few, Bar.AtMost(1.2));
        if (held is not null)
        {
            run.Add(
                FormattableString.Invariant($"with a held snapshot and {run.Sizes.DeadRows:#,0} dead rows of without"),
                held.Value / few,
                Bar.AtMost(postgreSql: 1.5, sqlite: null));
        }

        run.Add(FormattableString.Invariant($"two each of {run.Sizes.ManyWebhooks:#,0} webhooks of those of {FewWebhooks}"), heads / few);
        run.Add(FormattableString.Invariant($"ms, beside {little:#,0} finished deliveries"), few);
        run.Add(FormattableString.Invariant($"ms, beside {much:#,0} finished deliveries"), many);
        run.Add(FormattableString.Invariant($"ms, two each of {run.Sizes.ManyWebhooks:#,0} webhooks"), heads);
        if (held is not null)
        {
            run.Add("ms, with a held snapshot", held.Value);
        }
    }

    private static async Task<double> BesideAsync(Run run, int history, int webhooks, int maxPerWebhook)
    {
        await using var database = await run.Store.CreateAsync();

        // Finished deliveries as the product writes them, to be copied.
        await using (var delivering = await BenchmarkApp.StartAsync(database))
        {
            await delivering.RegisterAsync(run.Receiver.UrlOf, webhooks);
            await run.Receiver.ResetAsync();
            await run.DeliverAsync(delivering, webhooks * 2, fanOut: 1, publishers: 16);
        }

        await database.CopyAsync("webhook_deliveries", history, firstId: -history);
        if (database is PostgreSqlBenchmarkDatabase)
        {
            // What autovacuum would do at some moment, most likely that of the measurement.
            await database.ExecuteAsync("vacuum analyze webhook_deliveries");
        }

        await using var app = await BenchmarkApp.StartAsync(database, dispatches: false);
        app.UseTenants(webhooks);
        await app.PublishAsync(run.Sizes.Claims * Claims.Size, publishers: 64);
        return await Claims.MedianAsync(app.Services, run.Sizes.Claims, maxPerWebhook);
    }

    private static async Task<double> WithSnapshotAsync(Run run)
    {
        await using var database = await run.Store.CreateAsync();
        await using var app = await BenchmarkApp.StartAsync(database, dispatches: false);
        await app.RegisterAsync(run.Receiver.UrlOf, FewWebhooks);
        await app.PublishAsync(FewWebhooks * 2, publishers: 16);
        await database.CopyAsync("webhook_queue", run.Sizes.DeadRows, firstId: -run.Sizes.DeadRows);

        // All of them are finished, and none of them can be taken away: somebody may still want to see them.
        await using var snapshot = await ((PostgreSqlBenchmarkDatabase)database).HoldSnapshotAsync();
        await database.ExecuteAsync("delete from webhook_queue");
        await app.PublishAsync(run.Sizes.Claims * Claims.Size, publishers: 64);
        return await Claims.MedianAsync(app.Services, run.Sizes.Claims, Claims.Size);
    }
}
