namespace Webhooks.Embedded.Benchmarks;

/// <summary>One line of the table: what was measured in each repetition.</summary>
internal sealed class Measure(string scenario, string name, (double Value, bool IsLeast)? bar)
{
    private readonly List<double> _values = [];

    public void Add(double value) => _values.Add(value);

    /// <summary>As a line of a table in Markdown.</summary>
    public string Line()
    {
        double[] sorted = [.. _values.Order()];
        var median = (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
        return $"| {scenario} | {name} | {Round(sorted[0])} | {Round(median)} | {Round(sorted[^1])} | {Judge(median)} |";
    }

    private string Judge(double median)
    {
        if (bar is not { } wanted)
        {
            return "";
        }

        // A poll a second, measured over a little less than ten, misses no bar.
        var judged = Math.Round(median, 2);
        var isMissed = wanted.IsLeast ? judged < wanted.Value : judged > wanted.Value;
        return FormattableString.Invariant($"{(wanted.IsLeast ? '≥' : '≤')} {wanted.Value:0.##}{(isMissed ? " **missed**" : "")}");
    }

    // Three digits say all that a noisy machine can know.
    private static string Round(double value) => value switch
    {
        >= 100 => FormattableString.Invariant($"{value:#,0}"),
        >= 10 => FormattableString.Invariant($"{value:0.0}"),
        _ => FormattableString.Invariant($"{value:0.000}"),
    };
}
