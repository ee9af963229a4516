using System.Runtime.InteropServices;

namespace Webhooks.Embedded.Benchmarks;

/// <summary>What the figures are of.</summary>
internal static class Machine
{
    private const double Gigabyte = 1024.0 * 1024 * 1024;

    public static string Describe() => FormattableString.Invariant(
        $"{Environment.ProcessorCount} processors ({Processor()}), {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / Gigabyte:0} GB, {RuntimeInformation.OSDescription}, .NET {Environment.Version}, {TimeProvider.System.GetUtcNow():yyyy-MM-dd HH:mm} UTC");

    private static string Processor()
    {
        const string file = "/proc/cpuinfo";
        var line = File.Exists(file) ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}
