using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Webhooks.Embedded.Benchmarks.Sending;
using Webhooks.Embedded.Benchmarks.Stores;

namespace Webhooks.Embedded.Benchmarks.Scenarios;

/// <summary>The process of <see cref="Backlog"/>: a node that works for a while and looks at its own memory.</summary>
internal static class BacklogNode
{
    public const string Command = "work";

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    /// <param name="args">The command, the engine, the connection string, for how many seconds.</param>
    public static async Task RunAsync(string[] args)
    {
        var time = TimeSpan.FromSeconds(double.Parse(args[3], CultureInfo.InvariantCulture));
        var (before, heap, process) = (Environment.WorkingSet, 0L, 0L);

        // Not stopped: it would wait for its receivers, and the process ends anyway.
        await BenchmarkApp.StartAsync(webhooks => Use(webhooks, args[1], args[2]));
        for (var started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < time;)
        {
            await Task.Delay(LookEvery, TimeProvider.System);
            heap = Math.Max(heap, GC.GetTotalMemory(forceFullCollection: false));
            process = Math.Max(process, Environment.WorkingSet);
        }

        await Console.Out.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{heap} {process} {before}"));
    }

    private static void Use(IWebhooksBuilder webhooks, string engine, string connectionString)
    {
        if (engine == SqliteBenchmarkStore.Engine)
        {
            webhooks.UseSqlite(connectionString);
        }
        else
        {
            webhooks.UsePostgreSql(connectionString);
        }
    }
}
