namespace Webhooks.Embedded.Benchmarks.Scenarios;

/// <summary>Something that is measured, on each engine and in each repetition.</summary>
internal interface IScenario
{
    string Name { get; }

    Task RunAsync(Run run);
}
