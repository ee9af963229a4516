using System.Globalization;

namespace Webhooks.Embedded.Benchmarks;

/// <summary>What the command line asks for.</summary>
/// <param name="Sizes">How much.</param>
/// <param name="Only">Parts of the names of what is to be measured; empty: all.</param>
internal sealed record Arguments(Sizes Sizes, IReadOnlyList<string> Only)
{
    public const string Usage =
        """
        Usage: build/bench.sh [option]…
          --smoke             everything once and small: shows that it works, measures nothing
          --repetitions N     how often everything is measured, 1 to 100; 5
          --deliveries N      deliveries of a run, 100 to 10,000,000; 20,000
          --history N         finished deliveries beside which claims are measured, 10,000 to 100,000,000; 1,000,000
          --only PART         only scenarios and engines with this in their names, such as "end to end", or "SQLite: idle"; may be repeated
          --list              the names of the scenarios
        """;

    /// <exception cref="ArgumentException">Why the command line makes no sense.</exception>
    public static Arguments Read(string[] args)
    {
        var sizes = args.Contains("--smoke", StringComparer.Ordinal) ? Sizes.Smoke : Sizes.Whole;
        var only = new List<string>();
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--smoke":
                    break;
                case "--repetitions":
                    sizes = sizes with { Repetitions = Number(args, i++, 1, 100) };
                    break;
                case "--deliveries":
                    sizes = sizes with { Deliveries = Number(args, i++, 100, 10_000_000) };
                    break;
                case "--history":
                    sizes = sizes with { History = [sizes.History[0], Number(args, i++, 10_000, 100_000_000)] };
                    break;
                case "--only":
                    only.Add(Value(args, i++));
                    break;
                default:
                    throw new ArgumentException($"There is no option {args[i]}.");
            }
        }

        return new Arguments(sizes, only);
    }

    public bool Wants(string scenario) => Only.Count == 0 || Only.Any(part => scenario.Contains(part, StringComparison.OrdinalIgnoreCase));

    private static string Value(string[] args, int place) =>
        place + 1 < args.Length ? args[place + 1] : throw new ArgumentException($"{args[place]} needs a value.");

    private static int Number(string[] args, int place, int least, int most)
    {
        var value = Value(args, place);
        return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new ArgumentException(FormattableString.Invariant($"{args[place]} is a number from {least:#,0} to {most:#,0}, not {value}."));
    }
}
