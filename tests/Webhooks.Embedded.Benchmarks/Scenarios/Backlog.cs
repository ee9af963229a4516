using System.Globalization;
using Webhooks.Embedded.Benchmarks.Sending;

namespace Webhooks.Embedded.Benchmarks.Scenarios;

/// <summary>
/// What a node needs of memory while very much is due, and its receivers take their time, so that it stays due. It is claimed as there is room, never
/// all at once. The node is a process of its own: what other scenarios have left in memory is not its.
/// </summary>
internal sealed class Backlog : IScenario
{
    private const int Webhooks = 100;

    public string Name => "memory under a backlog";

    public async Task RunAsync(Run run)
    {
        await using var database = await run.Store.CreateAsync();
        await using (var publisher = await BenchmarkApp.StartAsync(database, dispatches: false))
        {
            await publisher.RegisterAsync(run.Receiver.SlowUrlOf, Webhooks);
            await publisher.PublishAsync(Webhooks, publishers: 16);
        }

        await database.CopyAsync("webhook_queue", run.Sizes.Backlog - Webhooks, firstId: 1_000_000);
        await run.Receiver.ResetAsync();
        using var node = OwnProcess.Start(
            BacklogNode.Command, run.Store.Name, database.ConnectionString, run.Sizes.Idle.TotalSeconds.ToString(CultureInfo.InvariantCulture));
        var answer = await node.StandardOutput.ReadToEndAsync();
        await node.WaitForExitAsync();
        if (node.ExitCode != 0)
        {
            throw new InvalidOperationException($"The node that works on a backlog ended with {node.ExitCode}: {answer}");
        }

        var left = await database.CountAsync("webhook_queue");
        var finished = await database.CountAsync("webhook_deliveries");
        var requests = (await run.Receiver.ReadAsync()).Requests;
        if (left + finished != run.Sizes.Backlog || requests < finished)
        {
            throw new LostOrDoubledException(
                $"{run.Store.Name}: {Name}: of {run.Sizes.Backlog} deliveries {left} are left and {finished} are finished, after {requests} requests.");
        }

        var megabytes = Array.ConvertAll(answer.Split(' '), number => double.Parse(number, CultureInfo.InvariantCulture) / 1024 / 1024);
        run.Add(FormattableString.Invariant($"MB of the process at most, {run.Sizes.Backlog:#,0} due"), megabytes[1], Bar.AtMost(300));
        run.Add(FormattableString.Invariant($"MB on the heap at most, {run.Sizes.Backlog:#,0} due"), megabytes[0]);
        run.Add("MB of the process before it began", megabytes[2]);
        run.Add("requests that it made meanwhile", requests);
    }
}
