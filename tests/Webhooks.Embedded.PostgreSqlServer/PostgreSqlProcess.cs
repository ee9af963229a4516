using System.Collections.Concurrent;
using System.Diagnostics;

namespace Webhooks.Embedded;

/// <summary>A program of PostgreSQL under way, as a user without privileges: it refuses to run as root.</summary>
internal sealed class PostgreSqlProcess
{
    private const string Unprivileged = "postgres";
    private static readonly string? Setpriv = new[] { "/usr/bin/setpriv", "/bin/setpriv" }.FirstOrDefault(File.Exists);

    private readonly ConcurrentQueue<string> _output = new();
    private readonly Process _process;

    private PostgreSqlProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public bool HasExited => _process.HasExited;

    public string Output => string.Join('\n', _output);

    /// <summary>Starts it. It ends when the test's process ends, however that ends.</summary>
    public static Task<PostgreSqlProcess> StartAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath() };
        string[] command = [.. Prefix(), program, .. arguments];
        start.FileName = command[0];
        foreach (var argument in command[1..])
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("PG", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name);
        }

        // The signal at the parent's death comes when the starting thread ends, and threads of the pool come and go.
        var started = new TaskCompletionSource<PostgreSqlProcess>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() => Run(start, started)) { IsBackground = true, Name = "PostgreSQL" }.Start();
        return started.Task;
    }

    /// <summary>Runs it to its end, and fails with what it said.</summary>
    public static async Task RunAsync(string program, params string[] arguments)
    {
        var process = await StartAsync(program, arguments);
        await process.WaitForExitAsync();
        Assert.True(process._process.ExitCode == 0, $"{program} failed:\n{process.Output}");
    }

    /// <summary>Gives a directory to the user that the programs run as.</summary>
    public static async Task OwnAsync(string directory)
    {
        if (Environment.IsPrivilegedProcess)
        {
            using var chown = Process.Start("chown", [Unprivileged, directory]);
            await chown.WaitForExitAsync();
            Assert.SkipWhen(chown.ExitCode != 0, $"There is no user {Unprivileged}, and PostgreSQL does not run as root: run the tests as another user.");
        }
    }

    public Task WaitForExitAsync() => _process.WaitForExitAsync();

    private static string[] Prefix()
    {
        Assert.SkipWhen(
            Setpriv is null && Environment.IsPrivilegedProcess, "PostgreSQL does not run as root, and there is no setpriv to become somebody else: run the tests as another user.");
        return Setpriv is null ? []
            : Environment.IsPrivilegedProcess
                ? [Setpriv, $"--reuid={Unprivileged}", $"--regid={Unprivileged}", "--clear-groups", "--pdeathsig", "INT"]
                : [Setpriv, "--pdeathsig", "INT"];
    }

    private static void Run(ProcessStartInfo start, TaskCompletionSource<PostgreSqlProcess> started)
    {
        try
        {
            var process = Process.Start(start)!;
            started.SetResult(new PostgreSqlProcess(process));
            process.WaitForExit();
        }
        catch (Exception exception)
        {
            // Told where it was asked for.
            started.TrySetException(exception);
        }
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is not null)
        {
            _output.Enqueue(line.Data);
        }
    }
}
