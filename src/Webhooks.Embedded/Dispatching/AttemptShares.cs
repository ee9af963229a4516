namespace Webhooks.Embedded.Dispatching;

/// <summary>
/// How many attempts may be under way at each step of the ladder of <see cref="LaneTrust"/>: a step and those below it together have half of what
/// the step above has. So of 256 attempts, lanes that do not answer at this moment begin no more than 128, lanes that are not trusted 64, and
/// those that are known to be slow 32.
/// </summary>
internal sealed class AttemptShares(int concurrency)
{
    private const int Steps = 4;

    private readonly int[] _most = [.. Enumerable.Range(0, Steps).Select(step => Math.Max(1, concurrency >> step))];

    // Of this step and those below it.
    private readonly int[] _running = new int[Steps];

    /// <summary>How many a step and those below it may have.</summary>
    public int Most(LaneTrust trust) => _most[(int)trust];

    /// <summary>How many a step and those below it have.</summary>
    public int Running(LaneTrust trust) => _running[(int)trust];

    /// <summary>How many more a lane of this step can begin; it takes from all steps above, too.</summary>
    public int Free(LaneTrust trust)
    {
        var free = int.MaxValue;
        for (var step = 0; step <= (int)trust; step++)
        {
            free = Math.Min(free, _most[step] - _running[step]);
        }

        return free;
    }

    public void Add(LaneTrust trust, int attempts)
    {
        for (var step = 0; step <= (int)trust; step++)
        {
            _running[step] += attempts;
        }
    }
}
