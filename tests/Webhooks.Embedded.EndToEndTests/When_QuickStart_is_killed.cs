namespace Webhooks.Embedded.EndToEndTests;

public sealed class When_QuickStart_is_killed(ITestOutputHelper report) : IDisposable
{
    private const int Kills = 2;
    private const int AtOnce = 8;
    private const int InFlight = 5 * AtOnce; // and four times as many successes that wait for their commit
    private const int EventsPerLife = 250;

    // A short lease, since what was in flight waits for its end.
    private static readonly string[] Options =
    [
        "--Webhooks:Timeout", "00:00:01",
        "--Webhooks:LeaseDuration", "00:00:06",
        "--Webhooks:ConcurrencyPerWebhook", $"{AtOnce}",
    ];

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Nothing_acknowledged_is_lost_and_what_comes_twice_is_the_same()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Script = _ => new Answer(200, TimeSpan.FromMilliseconds(20));
        var publisher = new ContinuousPublisher("order.paid", workers: 4);
        long? webhook = null;
        for (var kill = 1; kill <= Kills; kill++)
        {
            await using var life = await QuickStartProcess.StartAsync(_folder.File("webhooks.db"), Options);
            webhook ??= await life.Client.RegisterAsync(receiver.Url, "order.paid");
            var publishing = publisher.RunAsync(life.Client);
            await Until.TrueAsync(() => publisher.Acknowledged.Count >= kill * EventsPerLife && receiver.UnderWay >= AtOnce / 2, () => life.Output);
            await life.KillAsync();
            await publishing;
        }

        await using var last = await QuickStartProcess.StartAsync(_folder.File("webhooks.db"), Options);
        await Until.TrueAsync(
            () => !publisher.Acknowledged.Keys.Except(receiver.Requests.Select(request => request.Id)).Any(),
            () => $"{publisher.Acknowledged.Count} acknowledged, {receiver.Requests.Count} received\n{last.Output}");
        await Until.TrueAsync(async () => (await last.Client.LogAsync(webhook)).All(delivery => delivery.Status == "delivered"), () => last.Output);

        var log = (await last.Client.LogAsync(webhook)).ToDictionary(delivery => delivery.EventId);
        var received = receiver.Requests.ToLookup(request => request.Id);
        var twice = received.Where(requests => requests.Count() > 1).ToArray();
        report.WriteLine($"{publisher.Acknowledged.Count} acknowledged, {log.Count} stored, {receiver.Requests.Count} requests, {twice.Length} came twice");

        Assert.All(publisher.Acknowledged, e => Assert.All(received[e.Key], request => Assert.Equal(e.Value, request.Text)));
        Assert.All(received, requests => Assert.Single(requests.Select(request => request.Text).Distinct()));
        Assert.All(receiver.Requests, request => Assert.True(request.Verification.IsValid, request.Verification.Message));

        // What was stored and not acknowledged may come as well, but nothing may come that is not in the log.
        Assert.All(received, requests => Assert.Contains(requests.Key, log));
        Assert.InRange(received.Sum(requests => requests.Count() - 1), 0, Kills * InFlight);
        await AssertInterruptionsAreShownAsync(last.Client, log.Values, twice.Select(requests => log[requests.Key]));
    }

    public void Dispose() => _folder.Dispose();

    private static async Task AssertInterruptionsAreShownAsync(
        QuickStartClient client, IEnumerable<LoggedDelivery> log, IEnumerable<LoggedDelivery> twice)
    {
        foreach (var delivery in twice)
        {
            var outcomes = await client.OutcomesAsync(delivery.Id);
            Assert.Contains("interrupted", outcomes);
            Assert.Equal("delivered", outcomes[^1]);
        }

        var repeated = log.Where(delivery => delivery.Attempts > 1).ToArray();
        Assert.NotEmpty(repeated);
        Assert.Contains("interrupted", await client.OutcomesAsync(repeated[0].Id));
    }
}
