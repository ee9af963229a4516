namespace Webhooks.Embedded.Benchmarks.Scenarios;

/// <summary>What is measured, in the order of the table.</summary>
internal static class AllScenarios
{
    public static readonly IScenario[] InTurn =
    [
        new EndToEnd(publishers: 64, fanOut: 1, rate: Bar.AtLeast(postgreSql: 0.40, sqlite: 0.45), commits: Bar.AtMost(0.05)),
        new EndToEnd(publishers: 256, fanOut: 1, rate: Bar.AtLeast(postgreSql: 0.45, sqlite: 0.52)),
        new EndToEnd(publishers: 64, fanOut: 10, rate: Bar.AtLeast(postgreSql: 0.65, sqlite: 0.68)),
        new EndToEnd(publishers: 64, fanOut: 1, isOneTenant: true),
        new Drain(),
        new PublishAlone(publishers: 64),
        new PublishAlone(publishers: 1),
        new LightLoad(),
        new Statements(),
        new BytesOnDisk(),
        new ClaimCost(),
        new EmptyQueuePlan(),
        new Backlog(),
        new Idle(),
    ];

    /// <summary>The paths on which everything else goes: handed over, and claimed.</summary>
    public static readonly IScenario[] ThatWarmUp = [new EndToEnd(publishers: 64, fanOut: 1), new Drain()];
}
