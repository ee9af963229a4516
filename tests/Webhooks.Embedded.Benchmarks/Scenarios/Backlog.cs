using System.Diagnostics;

namespace Webhooks.Embedded.Benchmarks.Scenarios;

/// <summary>What a node needs of memory while very much is due. It is claimed as there is room, never all at once.</summary>
internal sealed class Backlog : IScenario
{
    private const int Webhooks = 100;

    public string Name => "memory under a backlog";

    public async Task RunAsync(Run run)
    {
        await using var database = await run.Store.CreateAsync();
        await using (var publisher = await BenchmarkApp.StartAsync(database, dispatches: false))
        {
            await publisher.RegisterAsync(run.Receiver, Webhooks);
            await publisher.PublishAsync(1, publishers: 1);
        }

        await database.ExecuteAsync(
            $"""
            with recursive n (i) as (select 1 union all select i + 1 from n where i < {run.Sizes.Backlog})
            insert into webhook_queue (id, event_id, webhook_id, due_at, lease_seq, claims, attempts, created_at)
            select 1000000 + i, 1, 1 + i % {Webhooks}, i, 0, 0, 0, i from n
            """);
        GC.Collect();
        await using var app = await BenchmarkApp.StartAsync(database);
        var most = 0L;
        for (var started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < run.Sizes.IdleTime;)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
            most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: false));
        }

        run.Add($"MB on the heap at most, {run.Sizes.Backlog:#,0} due", most / 1024.0 / 1024);
        run.Add($"MB of the process, {run.Sizes.Backlog:#,0} due", Environment.WorkingSet / 1024.0 / 1024);
    }
}
