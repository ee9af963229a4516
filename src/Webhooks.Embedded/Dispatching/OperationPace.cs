namespace Webhooks.Embedded.Dispatching;

/// <summary>Keeps an operation to its rate: how many deliveries a step takes, and when the next one may come. Times are in milliseconds.</summary>
internal static class OperationPace
{
    public const int MinRate = 1;
    public const int MaxRate = 10_000;

    // A step holds its rows until its commit, and where there is one writer it holds everybody: it has to be over soon.
    private const int MaxSize = 100;
    private const int StepsPerSecond = 5;

    /// <summary>How many deliveries a step takes: as many as fall into a fifth of a second, from 1 to 100.</summary>
    public static int StepSize(int rate) => Math.Clamp(rate / StepsPerSecond, 1, MaxSize);

    /// <summary>
    /// When the next step may come. A step that came late does not move those after it, so that the rate is kept on the whole; but what was missed
    /// in a longer time, with the store away, is not made up for.
    /// </summary>
    /// <param name="plannedAt">When the last step was to come.</param>
    /// <param name="now">The time after it.</param>
    /// <param name="seen">How many deliveries it went through.</param>
    /// <param name="rate">Deliveries a second.</param>
    public static long Next(long plannedAt, long now, int seen, int rate)
    {
        // Rounded up: the rate is a limit.
        var share = ((seen * 1000L) + rate - 1) / rate;
        return Math.Max(plannedAt + share, now);
    }
}
