using System.Globalization;
using System.Net;

namespace Webhooks.Embedded.EndToEndTests;

public sealed class When_a_bulk_retry_is_interrupted(ITestOutputHelper report) : IDisposable
{
    private const int Many = 120;

    // Two attempts at once, then a delivery is exhausted; a short lease, since what was in flight waits for its end.
    private static readonly string[] Options =
    [
        "--Webhooks:Timeout", "00:00:01",
        "--Webhooks:LeaseDuration", "00:00:06",
        "--Webhooks:Retry:Delays:0", "00:00:00",
        "--Webhooks:Retry:Jitter", "0",

        // All of them fail at first, which a breaker would spread over hours.
        "--Webhooks:Breaker:Failures", "0",
    ];

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task It_is_completed_after_the_restart_with_nothing_lost_or_doubled()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Script = _ => new Answer(500);
        string operation;
        long webhook;
        int doneBefore;
        await using (var life = await QuickStartProcess.StartAsync(_folder.File("webhooks.db"), Options))
        {
            webhook = await life.Client.RegisterAsync(receiver.Url, "order.paid");
            for (var i = 0; i < Many; i++)
            {
                await life.Client.PublishAsync("order.paid", [.. "{\"n\":"u8, .. System.Text.Encoding.ASCII.GetBytes(i.ToString(CultureInfo.InvariantCulture)), (byte)'}']);
            }

            await Until.TrueAsync(async () => (await life.Client.LogAsync(webhook)).Count(delivery => delivery.Status == "exhausted") == Many, () => life.Output);
            receiver.Script = _ => new Answer(200, TimeSpan.FromMilliseconds(20));

            var body = new { kind = "retry", filter = new { webhook, status = new[] { "exhausted" } }, rate = 40 };
            var started = await life.Client.SendAsync(HttpMethod.Post, "/webhooks/api/operations", body, HttpStatusCode.Accepted);
            operation = started["id"]!.GetValue<string>();
            Assert.Equal(Many, started["matched"]!.GetValue<int>());

            await Until.TrueAsync(async () => await DoneAsync(life.Client, operation) >= Many / 4, () => life.Output);
            await life.KillAsync();
        }

        await using var last = await QuickStartProcess.StartAsync(_folder.File("webhooks.db"), Options);
        doneBefore = await DoneAsync(last.Client, operation);
        Assert.InRange(doneBefore, Many / 4, Many - 1);
        await Until.TrueAsync(
            async () => (await last.Client.GetAsync($"/webhooks/api/operations/{operation}"))["status"]!.GetValue<string>() == "completed", () => last.Output);
        await Until.TrueAsync(async () => (await last.Client.LogAsync(webhook)).All(delivery => delivery.Status == "delivered"), () => last.Output);

        Assert.Equal(Many, await DoneAsync(last.Client, operation));
        var log = await last.Client.LogAsync(webhook);
        Assert.Equal(Many, log.Count);
        var interrupted = 0;
        foreach (var delivery in log)
        {
            // Retried by the operation once: after its two failures one attempt that arrived, and before that one at most that the kill cut off.
            var outcomes = await last.Client.OutcomesAsync(delivery.Id);
            Assert.Equal(["http_error", "http_error", "delivered"], outcomes.Where(outcome => outcome != "interrupted"));
            interrupted += outcomes.Count(outcome => outcome == "interrupted");
        }

        report.WriteLine($"{doneBefore} of {Many} were done before the kill; {interrupted} attempts were cut off by it");
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<int> DoneAsync(QuickStartClient client, string operation) =>
        (await client.GetAsync($"/webhooks/api/operations/{operation}"))["done"]!.GetValue<int>();
}
