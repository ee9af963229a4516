namespace Webhooks.Embedded.Benchmarks;

/// <summary>How much is measured.</summary>
/// <param name="Repetitions">How often everything is measured, in turns.</param>
/// <param name="Deliveries">Deliveries of a run.</param>
/// <param name="Tenants">Among whom the deliveries are spread.</param>
/// <param name="WarmUp">Deliveries on each engine, and posts, before anything is measured: the runtime compiles what is used often once more.</param>
/// <param name="LightEvents">Events of a run under light load.</param>
/// <param name="Claims">Claims of a run that measures them.</param>
/// <param name="History">Finished deliveries beside which claims are measured.</param>
/// <param name="DeadRows">Rows that vacuum is kept from taking away.</param>
/// <param name="ManyWebhooks">Webhooks that have something due while claims are measured.</param>
/// <param name="Backlog">Due deliveries under which memory is measured.</param>
/// <param name="Idle">For how long nothing happens, and how long a node works on a backlog while its memory is measured.</param>
internal sealed record Sizes(
    int Repetitions, int Deliveries, int Tenants, int WarmUp, int LightEvents, int Claims, int[] History, int DeadRows, int ManyWebhooks, int Backlog, TimeSpan Idle)
{
    public static readonly Sizes Whole = new(
        Repetitions: 5,
        Deliveries: 20_000,
        Tenants: 64,
        WarmUp: 40_000,
        LightEvents: 250,
        Claims: 60,
        History: [10_000, 1_000_000],
        DeadRows: 200_000,
        ManyWebhooks: 1_000,
        Backlog: 1_000_000,
        Idle: TimeSpan.FromSeconds(10));

    /// <summary>Shows that the benchmarks work, and measures nothing.</summary>
    public static readonly Sizes Smoke = new(
        Repetitions: 1,
        Deliveries: 500,
        Tenants: 4,
        WarmUp: 0,
        LightEvents: 10,
        Claims: 5,
        History: [500, 1_000],
        DeadRows: 500,
        ManyWebhooks: 50,
        Backlog: 1_000,
        Idle: TimeSpan.FromSeconds(1));
}
