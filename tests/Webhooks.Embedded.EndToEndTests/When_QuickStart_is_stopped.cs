namespace Webhooks.Embedded.EndToEndTests;

public sealed class When_QuickStart_is_stopped : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task It_ends_what_is_in_flight_gives_the_rest_back_and_nothing_comes_twice()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signal that asks a process to stop.");
        const int Events = 100;
        await using var receiver = await Receiver.StartAsync();
        receiver.Script = _ => new Answer(200, TimeSpan.FromMilliseconds(100));
        string[] options = ["--Webhooks:ConcurrencyPerWebhook", "4"];
        await using (var first = await QuickStartProcess.StartAsync(_folder.File("webhooks.db"), options))
        {
            await first.Client.RegisterAsync(receiver.Url, "order.paid");
            for (var i = 0; i < Events; i++)
            {
                await first.Client.PublishAsync("order.paid", "{}"u8.ToArray());
            }

            await Until.TrueAsync(() => receiver.UnderWay > 0);
            Assert.Equal(0, await first.TerminateAsync());
            Assert.InRange(receiver.Requests.Count, 1, Events - 1);
        }

        await using var second = await QuickStartProcess.StartAsync(_folder.File("webhooks.db"), options);
        await Until.TrueAsync(async () => (await second.Client.LogAsync()).All(delivery => delivery.Status == "delivered"), () => second.Output);

        Assert.Equal(Events, receiver.Requests.Count);
        Assert.Equal(Events, receiver.Requests.Select(request => request.Id).Distinct().Count());
        Assert.All(await second.Client.LogAsync(), delivery => Assert.Equal(1, delivery.Attempts));
    }

    public void Dispose() => _folder.Dispose();
}
