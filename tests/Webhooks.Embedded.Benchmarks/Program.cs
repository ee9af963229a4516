using Webhooks.Embedded.Benchmarks;
using Webhooks.Embedded.Benchmarks.Receiving;
using Webhooks.Embedded.Benchmarks.Scenarios;
using Xunit.Sdk;

// The program starts itself for what must be a process of its own.
if (args is [Receiver.Command])
{
    await Receiver.RunAsync();
    return 0;
}

if (args is [BacklogNode.Command, ..])
{
    await BacklogNode.RunAsync(args);
    return 0;
}

if (args is ["--help" or "-h"])
{
    Console.WriteLine(Arguments.Usage);
    return 0;
}

if (args is ["--list"])
{
    Array.ForEach(AllScenarios.InTurn, scenario => Console.WriteLine(scenario.Name));
    return 0;
}

try
{
    await Suite.RunAsync(Arguments.Read(args));
    return 0;
}
catch (ArgumentException wrong)
{
    await Console.Error.WriteLineAsync($"{wrong.Message}\n\n{Arguments.Usage}");
    return 2;
}
catch (LostOrDoubledException lost)
{
    await Console.Error.WriteLineAsync(lost.Message);
    return 1;
}
catch (SkipException missing)
{
    // The server is made for tests, which are skipped where PostgreSQL is not installed. The reason comes behind a mark of xunit's.
    await Console.Error.WriteLineAsync(missing.Message[(missing.Message.LastIndexOf('$') + 1)..]);
    return 3;
}
