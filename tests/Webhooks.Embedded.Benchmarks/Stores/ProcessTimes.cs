using System.Globalization;

namespace Webhooks.Embedded.Benchmarks.Stores;

/// <summary>Processor times as the system keeps them (proc(5)); zero where there is no such file system.</summary>
internal static class ProcessTimes
{
    private const double TicksPerSecond = 100;

    public static int ParentOf(int process) => (int)Numbers(process)[1];

    /// <summary>A process and its children, those that have ended and were waited for among them.</summary>
    public static TimeSpan OfFamily(int process)
    {
        if (!Directory.Exists("/proc"))
        {
            return TimeSpan.Zero;
        }

        var ticks = Numbers(process)[11..15].Sum();
        foreach (var directory in Directory.GetDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var child)
                && child != process
                && TryNumbers(child) is { } numbers
                && numbers[1] == process)
            {
                ticks += numbers[11] + numbers[12];
            }
        }

        return TimeSpan.FromSeconds(ticks / TicksPerSecond);
    }

    private static long[] Numbers(int process) => TryNumbers(process) ?? throw new InvalidOperationException($"There is no process {process}.");

    // From the third field on: state (as 0), parent, …, user, system, children's user and system time are the 14th to 17th.
    private static long[]? TryNumbers(int process)
    {
        try
        {
            var line = File.ReadAllText($"/proc/{process}/stat");
            return [.. line[(line.LastIndexOf(')') + 2)..].Split(' ').Take(15).Select(field => long.TryParse(field, out var number) ? number : 0)];
        }
        catch (IOException)
        {
            // It has ended.
            return null;
        }
    }
}
