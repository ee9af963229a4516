using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Benchmarks.Scenarios;

/// <summary>What a claim of a hundred costs beside few and beside many finished deliveries, and while vacuum is kept from its work.</summary>
internal sealed class ClaimCost : IScenario
{
    private const int Webhooks = 16;
    private const int PerClaim = 100;

    public string Name => $"claim of {PerClaim}";

    public async Task RunAsync(Run run)
    {
        double? first = null;
        foreach (var history in run.Sizes.History)
        {
            var median = await MeasureAsync(run, history, deadRows: 0);
            run.Add($"ms, beside {history:#,0} finished deliveries, median", median);
            first ??= median;
            run.Add($"beside {history:#,0} against {run.Sizes.History[0]:#,0}", median / first.Value);
        }

        if (run.Store.HoldsSnapshots)
        {
            var median = await MeasureAsync(run, run.Sizes.History[0], run.Sizes.DeadRows);
            run.Add($"ms, with a held snapshot and {run.Sizes.DeadRows:#,0} dead rows, median", median);
            run.Add("with a held snapshot against without", median / first!.Value);
        }
    }

    private static async Task<double> MeasureAsync(Run run, int history, int deadRows)
    {
        await using var database = await run.Store.CreateAsync();
        await using var app = await BenchmarkApp.StartAsync(database, dispatches: false);
        await app.RegisterAsync(run.Receiver, Webhooks);
        await app.PublishAsync(run.Sizes.Deliveries, publishers: 64);
        await database.ExecuteAsync(
            $"""
            with recursive n (i) as (select 1 union all select i + 1 from n where i < {history})
            insert into webhook_deliveries (id, event_id, webhook_id, status, lease_seq, attempts, created_at, finished_at, outcome, status_code, started_at, duration_ms, response_truncated)
            select -i, 1, 1 + i % {Webhooks}, 3, 1, 1, i, i, 1, 200, i, 5, 0 from n
            """);
        await using var snapshot = deadRows == 0 ? null : await database.HoldSnapshotAsync();
        if (deadRows > 0)
        {
            await database.ExecuteAsync(
                $"""
                insert into webhook_queue (id, event_id, webhook_id, due_at, lease_seq, claims, attempts, created_at)
                select -i, 1, 1 + i % {Webhooks}, i, 0, 0, 0, i from generate_series(1, {deadRows}) as i
                """);
            await database.ExecuteAsync("delete from webhook_queue where id < 0");
        }

        return await MedianAsync(app.Services, run.Sizes.Deliveries / PerClaim);
    }

    private static async Task<double> MedianAsync(IServiceProvider services, int claims)
    {
        var dialect = services.GetRequiredService<SqlDialect>();
        var clock = services.GetRequiredService<StoreClock>();
        var times = new List<double>();
        var after = 0L;
        for (var i = 0; i < claims; i++)
        {
            var started = Stopwatch.GetTimestamp();
            var now = clock.Now;
            var request = new ClaimRequest(PerClaim, PerClaim, after, new Dictionary<long, int>(), now, now + 3_600_000, started);
            var result = await dialect.ClaimAsync(request, CancellationToken.None);
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            after = result.LastWebhookId;
            if (result.Deliveries.Count != PerClaim)
            {
                throw new LostOrDoubledException($"A claim brought {result.Deliveries.Count} of {PerClaim} deliveries.");
            }
        }

        // The first ones warm up.
        double[] counted = [.. times.Skip(times.Count / 5).Order()];
        return counted[counted.Length / 2];
    }
}
