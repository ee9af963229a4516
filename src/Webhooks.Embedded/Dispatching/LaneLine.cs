namespace Webhooks.Embedded.Dispatching;

/// <summary>Lanes of one tenant that wait for a worker and have as good a claim to one.</summary>
internal sealed class LaneLine
{
    /// <summary>How many lines there are; see <see cref="OfStep"/>.</summary>
    public const int Count = 6;

    public LaneLine() => Turn = new LinkedListNode<LaneLine>(this);

    public LinkedList<Lane> Lanes { get; } = new();

    /// <summary>Where the tenant stands among the tenants that have lanes in this line; in no list where it has none, or is full.</summary>
    public LinkedListNode<LaneLine> Turn { get; }

    /// <summary>How many steps of trust there are.</summary>
    public const int Steps = 4;

    /// <summary>The lines of a step, from the first one to the one after the last: lanes that are not trusted and have an attempt under way come after those that have none.</summary>
    public static (int First, int End) OfStep(int step) => step < (int)LaneTrust.New ? (step, step + 1) : ((2 * step) - 2, 2 * step);

    /// <summary>The line a lane belongs in.</summary>
    public static int Of(Lane lane) => OfStep((int)lane.Trust).First + (lane.Trust >= LaneTrust.New && lane.Running > 0 ? 1 : 0);
}
