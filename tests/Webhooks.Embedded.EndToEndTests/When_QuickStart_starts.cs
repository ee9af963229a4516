namespace Webhooks.Embedded.EndToEndTests;

public sealed class When_QuickStart_starts : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("Production")]
    [InlineData("Development")]
    public async Task It_tells_step_by_step_how_its_first_event_got_to_its_sink_and_into_the_log(string environment)
    {
        await using var quickStart = await StartAsync("--environment", environment);

        var output = quickStart.Output;
        Assert.Matches(@"1\. Registered webhook 1", output);
        Assert.Matches(@"2\. Published order\.created: event [0-9a-f-]{36}", output);
        Assert.Matches(@"3\. Delivery 1 is in the log: Delivered, status 200, .*\d ms", output);
        Assert.Matches(@"curl .*/webhooks/api/deliveries", output);

        var delivery = Assert.Single(await quickStart.Client.LogAsync());
        Assert.Equal("delivered", delivery.Status);
        Assert.Contains($"{delivery.EventId}", output, StringComparison.Ordinal);
        var request = Assert.Single(await quickStart.Client.SinkAsync("demo"));
        Assert.True(request.Verified, request.Reason);
        Assert.Equal($"{delivery.EventId}", request.Headers["webhook-id"]);
    }

    [Fact]
    public async Task It_goes_on_with_the_data_that_is_there_and_its_sink_still_verifies()
    {
        var first = await StartAsync();
        var address = first.Client.Address;
        await first.DisposeAsync();

        await using var second = await StartAsync("--urls", $"{address}");
        await second.Client.PublishAsync("order.paid", "{}"u8.ToArray());
        await Until.TrueAsync(async () => (await second.Client.SinkAsync("demo")).Count == 1, () => second.Output);

        Assert.DoesNotContain("Registered", second.Output, StringComparison.Ordinal);
        Assert.Single((await second.Client.GetAsync("/webhooks/api/webhooks"))["items"]!.AsArray());
        Assert.Equal(2, (await second.Client.LogAsync()).Count);
        Assert.All(await second.Client.SinkAsync("demo"), request => Assert.True(request.Verified, request.Reason));
    }

    public void Dispose() => _folder.Dispose();

    private Task<QuickStartProcess> StartAsync(params string[] options) => QuickStartProcess.StartAsync(_folder.File("webhooks.db"), options);
}
