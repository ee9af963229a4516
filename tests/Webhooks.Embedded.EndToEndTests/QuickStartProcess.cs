using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Webhooks.Embedded.EndToEndTests;

/// <summary>The sample as a process of its own on a free port, to be talked to, stopped and killed.</summary>
internal sealed partial class QuickStartProcess : IAsyncDisposable
{
    private const int TerminateSignal = 15;

    private readonly ConcurrentQueue<string> _output = new();
    private readonly Process _process;

    private QuickStartProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>What it printed so far, errors included.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>Its HTTP side. Set once it listens.</summary>
    public QuickStartClient Client { get; private set; } = null!;

    /// <summary>Starts it and waits until it has told where to look next, which is when its first steps are done.</summary>
    /// <param name="database">The SQLite file.</param>
    /// <param name="options">Further arguments, such as <c>--Webhooks:Timeout 00:00:01</c>.</param>
    public static async Task<QuickStartProcess> StartAsync(string database, params string[] options)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(database),
        };
        string[] arguments = [ProgramFile(), "--urls", "http://127.0.0.1:0", "--ConnectionStrings:Webhooks", $"Data Source={database}", .. options];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        // What is set where the tests run is not what is tested.
        foreach (var name in start.Environment.Keys.Where(IsSetting).ToArray())
        {
            start.Environment.Remove(name);
        }

        var quickStart = new QuickStartProcess(Process.Start(start)!);
        await quickStart.UntilReadyAsync();
        return quickStart;
    }

    /// <summary>Ends it as a crash does: at once, with nothing cleaned up.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks it to stop, as Ctrl+C or an orchestrator does. Not on Windows, which has no such signal.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> TerminateAsync()
    {
        Assert.Equal(0, Kill(_process.Id, TerminateSignal));
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        Client?.Dispose();
        _process.Dispose();
    }

    private async Task UntilReadyAsync()
    {
        await Until.TrueAsync(() => _process.HasExited || Output.Contains("Where to look next", StringComparison.Ordinal), () => Output);
        var address = Address().Match(Output);
        Assert.True(address.Success, $"QuickStart did not start:\n{Output}");
        Client = new QuickStartClient(new Uri(address.Groups["url"].Value));
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is not null)
        {
            _output.Enqueue(line.Data);
        }
    }

    private static bool IsSetting(string name) =>
        name.StartsWith("ASPNETCORE_", StringComparison.OrdinalIgnoreCase)
        || name.Equals("DOTNET_ENVIRONMENT", StringComparison.OrdinalIgnoreCase)
        || name.Contains("__", StringComparison.Ordinal);

    // This test's own output is tests/<project>/bin/<configuration>/<framework>; the sample's lies likewise.
    private static string ProgramFile()
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var root = output.Parent!.Parent!.Parent!.Parent!.Parent!.FullName;
        return Path.Combine(root, "samples", "QuickStart", "bin", output.Parent.Name, output.Name, "QuickStart.dll");
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int processId, int signal);

    [GeneratedRegex("listens on (?<url>http://[^ ]+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Address();
}
