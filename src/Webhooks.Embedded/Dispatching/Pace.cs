namespace Webhooks.Embedded.Dispatching;

/// <summary>
/// How long quick attempts have held their places lately. What so many places get done in some time follows from it, by Little's law.
/// </summary>
internal sealed class Pace
{
    // A pause of the process, which many attempts under way see at once, is forgotten after some more of them.
    private const int MaxWeight = 32;

    private long _average;
    private int _weight;

    public void Add(long duration)
    {
        _weight = Math.Min(_weight + 1, MaxWeight);
        _average += (duration - _average) / _weight;
    }

    /// <summary>How many attempts so many places make in this time; 0 where nothing was measured.</summary>
    public int Attempts(int places, long time) => _average <= 0 ? 0 : (int)Math.Min(int.MaxValue, places * (double)time / _average);
}
