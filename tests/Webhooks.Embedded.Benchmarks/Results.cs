namespace Webhooks.Embedded.Benchmarks;

/// <summary>What was measured, in the order in which it was first measured, and what was strange.</summary>
internal sealed class Results
{
    /// <summary>What the ratios are taken of; the table begins with it.</summary>
    public const string Ceiling = "ceiling";

    private readonly OrderedDictionary<(string Scenario, string Measure), Measure> _measures = [];
    private readonly List<string> _notes = [];

    public void Add(string scenario, string measure, double value, (double Value, bool IsLeast)? bar = null)
    {
        if (!_measures.TryGetValue((scenario, measure), out var line))
        {
            _measures.Add((scenario, measure), line = new Measure(scenario, measure, bar));
        }

        line.Add(value);
    }

    /// <summary>Something that should not have happened, and that a reader should know.</summary>
    public void Note(string note) => _notes.Add(note);

    /// <summary>A table in Markdown, and what was strange.</summary>
    public IEnumerable<string> Lines() =>
    [
        "| scenario | measure | minimum | median | maximum | bar |",
        "|---|---|---:|---:|---:|---|",
        .. _measures.OrderBy(entry => entry.Key.Scenario == Ceiling ? 0 : 1).Select(entry => entry.Value.Line()),
        "",
        .. _notes.Count == 0 ? ["No lease was lost, no request was sent again over a new connection, and the app logged no warning."] : _notes,
    ];
}
