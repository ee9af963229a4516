using System.Diagnostics;
using Npgsql;

[assembly: AssemblyFixture(typeof(Webhooks.Embedded.SharedPostgreSqlServer))]

namespace Webhooks.Embedded.EndToEndTests;

public sealed class When_Outbox_runs
{
    private static readonly string Schema = $"outbox_{Guid.NewGuid():N}";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_rolled_back_does_not_exist_and_what_was_committed_is_delivered()
    {
        var server = await SharedPostgreSqlServer.DatabaseAsync();
        await ExecuteAsync(server, $"create schema {Schema}");
        try
        {
            var output = await RunAsync($"{server};Search Path={Schema}");

            Assert.Contains("1. Dapper, rolled back: the order does not exist, the event does not exist", output, StringComparison.Ordinal);
            Assert.Contains(
                "2. Dapper, committed: the order exists, the event exists, and its delivery is Delivered with status 200", output, StringComparison.Ordinal);
            Assert.Contains("3. Entity Framework, rolled back: the order does not exist, the event does not exist", output, StringComparison.Ordinal);
            Assert.Contains(
                "4. Entity Framework, committed: the order exists, the event exists, and its delivery is Delivered with status 200",
                output,
                StringComparison.Ordinal);
        }
        finally
        {
            await ExecuteAsync(server, $"drop schema {Schema} cascade");
        }
    }

    /// <summary>Runs the sample to its end, and returns what it printed.</summary>
    private static async Task<string> RunAsync(string connectionString)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(ProgramFile());
        start.ArgumentList.Add("--ConnectionStrings:Shop");
        start.ArgumentList.Add(connectionString);

        using var process = Process.Start(start)!;
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            patience.CancelAfter(TimeSpan.FromMinutes(2));
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            var output = await process.StandardOutput.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            Assert.True(process.ExitCode == 0, $"{output}\n{await errors}");
            return output;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    // This test's own output is tests/<project>/bin/<configuration>/<framework>; the sample's lies likewise.
    private static string ProgramFile()
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var root = output.Parent!.Parent!.Parent!.Parent!.Parent!.FullName;
        return Path.Combine(root, "samples", "Outbox", "bin", output.Parent.Name, output.Name, "Outbox.dll");
    }
}
