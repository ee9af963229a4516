using System.Diagnostics;

namespace Webhooks.Embedded.EndToEndTests;

public sealed class When_the_benchmarks_run
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private static readonly string[] OnPostgreSqlAlone = ["end to end after statistics of an empty queue"];

    [Fact]
    public async Task They_measure_everything_on_each_engine_and_nothing_is_lost_or_doubled()
    {
        var scenarios = Lines((await RunAsync("--list")).Output);
        Assert.NotEmpty(scenarios);

        var (exitCode, output, errors) = await RunAsync("--smoke");

        Assert.SkipWhen(exitCode == 3, errors); // PostgreSQL is not installed.
        Assert.True(exitCode == 0, $"{output}\n{errors}");
        var rows = Lines(output);
        foreach (var scenario in scenarios)
        {
            Assert.Contains(rows, row => row.StartsWith($"| PostgreSQL: {scenario} |", StringComparison.Ordinal));
            if (!OnPostgreSqlAlone.Contains(scenario, StringComparer.Ordinal))
            {
                Assert.Contains(rows, row => row.StartsWith($"| SQLite: {scenario} |", StringComparison.Ordinal));
            }
        }
    }

    [Theory]
    [InlineData("There is no option --fast", "--fast")]
    [InlineData("--repetitions needs a value", "--repetitions")]
    [InlineData("--repetitions is a number from 1 to 100, not 0", "--repetitions", "0")]
    [InlineData("No scenario has no such thing in its name", "--only", "no such thing")]
    public async Task They_say_what_is_wrong_with_the_command_line(string said, params string[] arguments)
    {
        var (exitCode, _, errors) = await RunAsync(arguments);

        Assert.Equal(2, exitCode);
        Assert.StartsWith(said, errors, StringComparison.Ordinal);
        Assert.Contains("Usage: build/bench.sh", errors, StringComparison.Ordinal);
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [ProgramFile(), .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            patience.CancelAfter(Patience);
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            var output = await process.StandardOutput.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, output, await errors);
        }
        finally
        {
            // With its children, which are its receiver and its nodes.
            process.Kill(entireProcessTree: true);
        }
    }

    // This test's own output is tests/<project>/bin/<configuration>/<framework>; the program's lies likewise.
    private static string ProgramFile()
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var tests = output.Parent!.Parent!.Parent!.Parent!.FullName;
        return Path.Combine(
            tests, "Webhooks.Embedded.Benchmarks", "bin", output.Parent.Name, output.Name, "Webhooks.Embedded.Benchmarks.dll");
    }
}
