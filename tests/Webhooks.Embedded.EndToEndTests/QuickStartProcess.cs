using System.Text.RegularExpressions;

namespace Webhooks.Embedded.EndToEndTests;

/// <summary>The sample as a process of its own on a free port, to be talked to, stopped and killed.</summary>
internal sealed partial class QuickStartProcess : IAsyncDisposable
{
    private const string Program = "samples/QuickStart";

    private readonly ChildProcess _process;

    private QuickStartProcess(ChildProcess process) => _process = process;

    /// <summary>What it printed so far, errors included.</summary>
    public string Output => _process.Output;

    /// <summary>Its HTTP side. Set once it listens.</summary>
    public QuickStartClient Client { get; private set; } = null!;

    /// <summary>Starts it on a SQLite file and waits until it has told where to look next, which is when its first steps are done.</summary>
    /// <param name="database">The SQLite file.</param>
    /// <param name="options">Further arguments, such as <c>--Webhooks:Timeout 00:00:01</c>.</param>
    public static Task<QuickStartProcess> StartAsync(string database, params string[] options) =>
        StartOnAsync($"Data Source={database}", Path.GetDirectoryName(database)!, options);

    /// <summary>Starts it on any store and waits until it has told where to look next.</summary>
    public static async Task<QuickStartProcess> StartOnAsync(string connectionString, string directory, params string[] options)
    {
        var quickStart = new QuickStartProcess(await ChildProcess.StartAsync(
            Program, directory, ["--urls", "http://127.0.0.1:0", "--ConnectionStrings:Webhooks", connectionString, .. options]));
        await quickStart.UntilReadyAsync();
        return quickStart;
    }

    /// <summary>Starts it with something that keeps it from coming up.</summary>
    /// <returns>Its exit code and what it said.</returns>
    public static async Task<(int ExitCode, string Output)> FailAsync(string directory, params string[] options)
    {
        await using var process = await ChildProcess.StartAsync(Program, directory, ["--urls", "http://127.0.0.1:0", .. options]);
        return (await process.ExitAsync(), process.Output);
    }

    /// <summary>Ends it as a crash does: at once, with nothing cleaned up.</summary>
    public Task KillAsync() => _process.KillAsync();

    /// <summary>Asks it to stop, as Ctrl+C or an orchestrator does. Not on Windows, which has no such signal.</summary>
    /// <returns>Its exit code.</returns>
    public Task<int> TerminateAsync() => _process.TerminateAsync();

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        Client?.Dispose();
    }

    private async Task UntilReadyAsync()
    {
        await Until.TrueAsync(() => _process.HasExited || Output.Contains("Where to look next", StringComparison.Ordinal), () => Output);
        var address = Address().Match(Output);
        Assert.True(address.Success, $"QuickStart did not start:\n{Output}");
        Client = new QuickStartClient(new Uri(address.Groups["url"].Value));
    }

    [GeneratedRegex("listens on (?<url>http://[^ ]+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Address();
}
