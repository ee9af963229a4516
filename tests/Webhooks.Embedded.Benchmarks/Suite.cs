using Webhooks.Embedded.Benchmarks.Receiving;
using Webhooks.Embedded.Benchmarks.Scenarios;
using Webhooks.Embedded.Benchmarks.Sending;
using Webhooks.Embedded.Benchmarks.Stores;

namespace Webhooks.Embedded.Benchmarks;

/// <summary>One run of the program.</summary>
internal static class Suite
{
    public static async Task RunAsync(Arguments arguments)
    {
        string[] engines = [SqliteBenchmarkStore.Engine, PostgreSqlBenchmarkStore.Engine];
        if (!AllScenarios.InTurn.Any(scenario => engines.Any(engine => arguments.Wants($"{engine}: {scenario.Name}"))))
        {
            throw new ArgumentException($"No scenario has {string.Join(" or ", arguments.Only)} in its name.");
        }

        var directory = Directory.CreateTempSubdirectory("webhooks-benchmarks-");
        try
        {
            await using var sqlite = new SqliteBenchmarkStore(directory.FullName);
            await using var postgreSql = await PostgreSqlBenchmarkStore.StartAsync();
            await using var receiver = await ReceiverProcess.StartAsync();
            using var ceiling = new Ceiling();
            IBenchmarkStore[] stores = [sqlite, postgreSql];
            (IScenario Scenario, IBenchmarkStore Store, string Name)[] wanted =
            [
                .. from scenario in AllScenarios.InTurn
                   from store in stores
                   let name = $"{store.Name}: {scenario.Name}"
                   where scenario.RunsOn(store) && arguments.Wants(name)
                   select (scenario, store, name),
            ];
            foreach (var scenario in AllScenarios.ThatWarmUp)
            {
                foreach (var store in wanted.Select(one => one.Store).Distinct().Where(_ => arguments.Sizes.WarmUp > 0))
                {
                    var sizes = arguments.Sizes with { Deliveries = arguments.Sizes.WarmUp / AllScenarios.ThatWarmUp.Length };
                    await RunAsync(scenario, new Run($"warm-up on {store.Name}", sizes, store, receiver, ceiling, new Results()), "warm-up", $"{store.Name}: {scenario.Name}");
                }
            }

            // All in turns, so that what else the machine does hits all alike.
            var results = new Results();
            for (var repetition = 1; repetition <= arguments.Sizes.Repetitions; repetition++)
            {
                foreach (var (scenario, store, name) in wanted)
                {
                    var run = new Run(name, arguments.Sizes, store, receiver, ceiling, results);
                    await RunAsync(scenario, run, $"{repetition}/{arguments.Sizes.Repetitions}", name);
                    foreach (var strange in Outcomes.TakeStrangeness())
                    {
                        results.Note($"{name}, repetition {repetition}: {strange}");
                    }
                }
            }

            Console.WriteLine($"{Machine.Describe()}; {await sqlite.DescribeAsync()}; {await postgreSql.DescribeAsync()}; {arguments.Sizes.Repetitions} repetitions");
            Console.WriteLine();
            foreach (var line in results.Lines())
            {
                Console.WriteLine(line);
            }
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task RunAsync(IScenario scenario, Run run, string turn, string name)
    {
        await Console.Error.WriteLineAsync($"{TimeProvider.System.GetUtcNow():HH:mm:ss} {turn} {name}");
        await scenario.RunAsync(run);
    }
}
