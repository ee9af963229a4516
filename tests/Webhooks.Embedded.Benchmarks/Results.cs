namespace Webhooks.Embedded.Benchmarks;

/// <summary>What was measured, repetition by repetition, in the order in which it was first measured.</summary>
internal sealed class Results
{
    private readonly List<(string Scenario, string Measure)> _order = [];
    private readonly Dictionary<(string Scenario, string Measure), List<double>> _values = [];

    public void Add(string scenario, string measure, double value)
    {
        if (!_values.TryGetValue((scenario, measure), out var values))
        {
            _order.Add((scenario, measure));
            _values.Add((scenario, measure), values = []);
        }

        values.Add(value);
    }

    /// <summary>A table in Markdown.</summary>
    public IEnumerable<string> Table()
    {
        yield return "| scenario | measure | minimum | median | maximum |";
        yield return "|---|---|---:|---:|---:|";
        foreach (var (scenario, measure) in _order)
        {
            double[] sorted = [.. _values[(scenario, measure)].Order()];
            yield return FormattableString.Invariant($"| {scenario} | {measure} | {Round(sorted[0])} | {Round(sorted[sorted.Length / 2])} | {Round(sorted[^1])} |");
        }
    }

    // Three digits say all that a noisy machine can know.
    private static string Round(double value) => value switch
    {
        >= 100 => FormattableString.Invariant($"{value:#,0}"),
        >= 10 => FormattableString.Invariant($"{value:0.0}"),
        _ => FormattableString.Invariant($"{value:0.000}"),
    };
}
