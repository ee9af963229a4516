namespace Webhooks.Embedded.EndToEndTests;

public sealed class When_a_receiver_fails_and_recovers : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Every_attempt_has_the_same_id_and_bytes_and_a_signature_of_its_own_time()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Script = _ => new Answer(receiver.Requests.Count < 3 ? 500 : 204);
        await using var quickStart = await QuickStartProcess.StartAsync(
            _folder.File("webhooks.db"),
            "--Webhooks:Retry:Delays:0", "00:00:01.1", "--Webhooks:Retry:Delays:1", "00:00:01.1", "--Webhooks:Retry:Jitter", "0");
        var webhook = await quickStart.Client.RegisterAsync(receiver.Url, "order.paid");

        var id = await quickStart.Client.PublishAsync("order.paid", """{ "total" : 1.50 }"""u8.ToArray());
        await Until.TrueAsync(async () => (await quickStart.Client.LogAsync(webhook)).All(delivery => delivery.Status == "delivered"));

        Assert.Equal(3, receiver.Requests.Count);
        Assert.All(receiver.Requests, request =>
        {
            Assert.Equal(id, request.Id);
            Assert.Equal("""{ "total" : 1.50 }""", request.Text);
            Assert.Equal("order.paid", request.Trigger);
            Assert.True(request.Verification.IsValid, request.Verification.Message);
        });
        Assert.Equal(3, receiver.Requests.Select(request => request.Timestamp).Distinct().Count());
        Assert.Equal(3, receiver.Requests.Select(request => request.Signature).Distinct().Count());
    }

    public void Dispose() => _folder.Dispose();
}
