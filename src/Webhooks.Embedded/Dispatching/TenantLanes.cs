namespace Webhooks.Embedded.Dispatching;

/// <summary>What the lanes of one tenant have in common.</summary>
internal sealed class TenantLanes(string tenant, int concurrency)
{
    private readonly LaneLine?[] _lines = new LaneLine?[LaneLine.Count];

    public string Tenant => tenant;

    /// <summary>How many attempts its lanes may have under way together.</summary>
    public int Concurrency => concurrency;

    public int Running { get; set; }

    /// <summary>What was claimed and waits.</summary>
    public int Backlog { get; set; }

    /// <summary>What was handed over, or will be, and waits.</summary>
    public int Fresh { get; set; }

    /// <summary>How long quick attempts of its lanes take.</summary>
    public Pace Pace { get; } = new();

    /// <summary>How many lanes of it are known.</summary>
    public int Lanes { get; set; }

    /// <summary>Whether it has as many attempts under way as it may.</summary>
    public bool IsFull => Running >= Concurrency;

    /// <summary>Its lanes that stand in a line.</summary>
    public LaneLine LineOf(int line) => _lines[line] ??= new LaneLine();

    public LaneLine? FindLine(int line) => _lines[line];
}
