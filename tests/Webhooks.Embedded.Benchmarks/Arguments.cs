using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Webhooks.Embedded.Benchmarks;

/// <summary>What the command line asks for.</summary>
/// <param name="Sizes">How much.</param>
/// <param name="Only">Parts of the names of what is to be measured; empty: all.</param>
internal sealed record Arguments(Sizes Sizes, IReadOnlyList<string> Only)
{
    private const string Usage = "Usage: bench.sh [--smoke] [--repetitions N] [--deliveries N] [--only part-of-a-name]…";

    public bool Wants(string scenario) => Only.Count == 0 || Only.Any(part => scenario.Contains(part, StringComparison.OrdinalIgnoreCase));

    public static bool TryRead(string[] args, [NotNullWhen(true)] out Arguments? arguments, [NotNullWhen(false)] out string? usage)
    {
        (arguments, usage) = (null, null);
        var sizes = args.Contains("--smoke", StringComparer.Ordinal) ? Sizes.Smoke : Sizes.Whole;
        var only = new List<string>();
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--smoke":
                    break;
                case "--repetitions" when TryNumber(args, ++i, out var repetitions):
                    sizes = sizes with { Repetitions = repetitions };
                    break;
                case "--deliveries" when TryNumber(args, ++i, out var deliveries):
                    sizes = sizes with { Deliveries = deliveries, Posts = deliveries };
                    break;
                case "--only" when i + 1 < args.Length:
                    only.Add(args[++i]);
                    break;
                default:
                    usage = Usage;
                    return false;
            }
        }

        arguments = new Arguments(sizes, only);
        return true;
    }

    private static bool TryNumber(string[] args, int place, out int number)
    {
        number = 0;
        return place < args.Length && int.TryParse(args[place], NumberStyles.None, CultureInfo.InvariantCulture, out number) && number > 0;
    }
}
