namespace Webhooks.Embedded.Benchmarks;

/// <summary>How much is measured.</summary>
/// <param name="Repetitions">How often everything is measured, in turns.</param>
/// <param name="Deliveries">Deliveries of a run.</param>
/// <param name="Posts">Posts of a run of the ceiling.</param>
/// <param name="LightEvents">Events of a run under light load.</param>
/// <param name="History">Finished deliveries beside which claims are measured.</param>
/// <param name="DeadRows">Rows that vacuum is kept from taking away.</param>
/// <param name="Backlog">Due deliveries under which memory is measured.</param>
/// <param name="IdleTime">For how long nothing happens.</param>
internal sealed record Sizes(int Repetitions, int Deliveries, int Posts, int LightEvents, int[] History, int DeadRows, int Backlog, TimeSpan IdleTime)
{
    public static readonly Sizes Whole = new(5, 20_000, 20_000, 250, [10_000, 1_000_000], 200_000, 1_000_000, TimeSpan.FromSeconds(10));

    /// <summary>Shows that the benchmarks work, and measures nothing.</summary>
    public static readonly Sizes Smoke = new(1, 1_000, 1_000, 20, [1_000, 5_000], 2_000, 5_000, TimeSpan.FromSeconds(2));
}
