using Webhooks.Embedded.Benchmarks.Stores;

namespace Webhooks.Embedded.Benchmarks.Scenarios;

/// <summary>Something that is measured, on each engine and in each repetition.</summary>
internal interface IScenario
{
    string Name { get; }

    bool RunsOn(IBenchmarkStore store) => true;

    Task RunAsync(Run run);
}
