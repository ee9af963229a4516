using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Webhooks.Embedded.EndToEndTests;

/// <summary>A program of this repository as a process of its own, to be stopped, halted and killed. It goes with the test's process, however that ends.</summary>
internal sealed partial class ChildProcess : IAsyncDisposable
{
    private const int TerminateSignal = 15;
    private const int ContinueSignal = 18;
    private const int HaltSignal = 19;

    private static readonly string? Setpriv = File.Exists("/usr/bin/setpriv") ? "/usr/bin/setpriv" : null;

    private readonly ConcurrentQueue<string> _output = new();
    private readonly Process _process;

    private ChildProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>What it printed so far, errors included.</summary>
    public string Output => string.Join('\n', _output);

    public bool HasExited => _process.HasExited;

    /// <summary>Starts a program.</summary>
    /// <param name="program">Its directory in the repository, by whose name it is called.</param>
    /// <param name="workingDirectory">Where it runs.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">What is set for it beside what it inherits.</param>
    public static Task<ChildProcess> StartAsync(
        string program, string workingDirectory, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        string[] command = [.. Setpriv is null ? [] : new[] { Setpriv, "--pdeathsig", "KILL" }, host, ProgramFile(program), .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory,
        };

        // What is set where the tests run is not what is tested.
        foreach (var name in start.Environment.Keys.Where(IsSetting).ToArray())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        // The signal at the parent's death comes when the starting thread ends, and threads of the pool come and go.
        var started = new TaskCompletionSource<ChildProcess>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() => Run(start, started)) { IsBackground = true, Name = program }.Start();
        return started.Task;
    }

    /// <summary>Ends it as a crash does: at once, with nothing cleaned up.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks it to stop, as Ctrl+C or an orchestrator does. Not on Windows, which has no such signal.</summary>
    /// <returns>Its exit code.</returns>
    public Task<int> TerminateAsync()
    {
        Send(TerminateSignal);
        return ExitAsync();
    }

    /// <summary>Waits until it has ended.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> ExitAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    /// <summary>Stops it from running at all, as a paused virtual machine does.</summary>
    public async Task HaltAsync()
    {
        Send(HaltSignal);
        await Until.TrueAsync(() => State() == 'T');
    }

    /// <summary>Lets it run again.</summary>
    public void Resume() => Send(ContinueSignal);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private static void Run(ProcessStartInfo start, TaskCompletionSource<ChildProcess> started)
    {
        try
        {
            var process = Process.Start(start)!;
            started.SetResult(new ChildProcess(process));
            process.WaitForExit();
        }
        catch (Exception exception)
        {
            // Told where it was asked for.
            started.TrySetException(exception);
        }
    }

    private void Send(int signal) => Assert.Equal(0, Kill(_process.Id, signal));

    // The letter after the name in brackets: R, S, T for halted.
    private char State()
    {
        var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{_process.Id}/stat"));
        return stat[stat.LastIndexOf(')') + 2];
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

    // This test's own output is tests/<project>/bin/<configuration>/<framework>; the program's lies likewise.
    private static string ProgramFile(string program)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var root = output.Parent!.Parent!.Parent!.Parent!.Parent!.FullName;
        return Path.Combine(root, program, "bin", output.Parent.Name, output.Name, $"{Path.GetFileName(program)}.dll");
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int processId, int signal);
}
