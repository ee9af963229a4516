using Webhooks.Embedded.Benchmarks;
using Webhooks.Embedded.Benchmarks.Receiving;
using Webhooks.Embedded.Benchmarks.Scenarios;
using Webhooks.Embedded.Benchmarks.Stores;

if (args is ["receive"])
{
    await Receiver.RunAsync();
    return 0;
}

if (!Arguments.TryRead(args, out var arguments, out var usage))
{
    await Console.Error.WriteLineAsync(usage);
    return 2;
}

IScenario[] scenarios =
[
    new EndToEnd(publishers: 64, fanOut: 1),
    new EndToEnd(publishers: 256, fanOut: 1),
    new EndToEnd(publishers: 64, fanOut: 10),
    new EndToEnd(publishers: 64, fanOut: 1, tenants: 1),
    new Drain(),
    new PublishAlone(publishers: 64),
    new LightLoad(),
    new ClaimCost(),
    new EmptyQueuePlan(),
    new Backlog(),
    new Idle(),
];

var directory = Directory.CreateTempSubdirectory("webhooks-benchmarks-");
try
{
    await using var sqlite = new SqliteBenchmarkStore(directory.FullName);
    await using var postgreSql = await PostgreSqlBenchmarkStore.StartAsync();
    await using var receiver = await ReceiverProcess.StartAsync();
    using var ceiling = new Ceiling();
    var results = new Results();

    // All in turns, so that what else the machine does hits all alike. The first turn warms up and does not count.
    for (var repetition = arguments.Sizes.Repetitions == 1 ? 1 : 0; repetition <= arguments.Sizes.Repetitions; repetition++)
    {
        foreach (var scenario in scenarios.Where(scenario => arguments.Wants(scenario.Name)))
        {
            foreach (var store in (IBenchmarkStore[])[sqlite, postgreSql])
            {
                var name = $"{store.Name}: {scenario.Name}";
                await Console.Error.WriteLineAsync($"{repetition}/{arguments.Sizes.Repetitions} {name}");
                await scenario.RunAsync(new Run(name, arguments.Sizes, store, receiver, ceiling, repetition == 0 ? new Results() : results));
            }
        }
    }

    Console.WriteLine($"{Environment.ProcessorCount} processors, {Environment.OSVersion}, .NET {Environment.Version}, {arguments.Sizes.Repetitions} repetitions");
    foreach (var line in results.Table())
    {
        Console.WriteLine(line);
    }

    return 0;
}
catch (LostOrDoubledException lost)
{
    await Console.Error.WriteLineAsync(lost.Message);
    return 1;
}
finally
{
    directory.Delete(recursive: true);
}
