using System.Text;

namespace Webhooks.Embedded.EndToEndTests;

public sealed class When_a_receiver_misbehaves
{
    private static readonly byte[] Ok = Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");

    [Fact]
    public async Task A_redirect_is_a_failure_and_is_not_followed()
    {
        await using var target = await Receiver.StartAsync();
        await using var receiver = new RawReceiver($"HTTP/1.1 307 Temporary Redirect\r\nLocation: {target.Url}\r\nContent-Length: 0\r\n\r\n");

        var attempt = await AttemptAsync(receiver.Url);

        Assert.Equal((WebhookAttemptOutcome.Redirect, 307), (attempt.Outcome, attempt.StatusCode));
        Assert.Contains(target.Url, attempt.Error, StringComparison.Ordinal);
        Assert.Empty(target.Requests);
    }

    [Fact]
    public async Task Headers_that_do_not_come_in_time_end_the_attempt()
    {
        await using var receiver = new RawReceiver(async (stream, token) =>
        {
            foreach (var letter in Enumerable.Repeat((byte)'x', 1000))
            {
                await stream.WriteAsync(new[] { letter }, token);
                await Task.Delay(50, token);
            }
        });

        var attempt = await AttemptAsync(receiver.Url, options => options.Timeout = TimeSpan.FromMilliseconds(300));

        Assert.Equal(WebhookAttemptOutcome.TimeoutHeaders, attempt.Outcome);
        Assert.Null(attempt.StatusCode);
    }

    [Fact]
    public async Task An_endless_body_is_cut_off_and_the_delivery_counts()
    {
        await using var receiver = new RawReceiver(async (stream, token) =>
        {
            await stream.WriteAsync(Ok, token);
            while (!token.IsCancellationRequested)
            {
                await stream.WriteAsync(new byte[4096], token);
            }
        });

        var attempt = await AttemptAsync(receiver.Url);

        Assert.Equal(WebhookAttemptOutcome.Delivered, attempt.Outcome);
        Assert.Equal(16 * 1024, attempt.ResponseBody!.Length);
        Assert.True(attempt.ResponseTruncated);
    }

    [Fact]
    public async Task A_body_that_stops_half_way_leaves_what_came_and_the_delivery_counts()
    {
        await using var receiver = new RawReceiver(Encoding.ASCII.GetString(Ok) + "the beginning");

        var attempt = await AttemptAsync(receiver.Url);

        Assert.Equal((WebhookAttemptOutcome.Delivered, "the beginning", true), (attempt.Outcome, attempt.ResponseBody, attempt.ResponseTruncated));
    }

    [Fact]
    public async Task A_compressed_body_is_not_unpacked()
    {
        await using var receiver = new RawReceiver("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc");
        Assert.Equal("abc", (await AttemptAsync(receiver.Url)).ResponseBody);
    }

    [Theory]
    [InlineData("", WebhookAttemptOutcome.Reset)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-", WebhookAttemptOutcome.Reset)]
    [InlineData("this is not HTTP\r\n\r\n", WebhookAttemptOutcome.Protocol)]
    [InlineData("HTTP/1.1 500 \r\nContent-Length: 0\r\n\r\n", WebhookAttemptOutcome.HttpError)]
    [InlineData("HTTP/1.0 200 OK\r\n\r\nuntil the end", WebhookAttemptOutcome.Delivered)]
    public async Task Whatever_it_answers_has_an_outcome(string response, WebhookAttemptOutcome outcome)
    {
        await using var receiver = new RawReceiver(response);
        Assert.Equal(outcome, (await AttemptAsync(receiver.Url)).Outcome);
    }

    [Fact]
    public async Task Headers_without_end_are_refused()
    {
        await using var receiver = new RawReceiver($"HTTP/1.1 200 OK\r\nX: {new string('x', 40_000)}\r\n\r\n");
        Assert.Equal(WebhookAttemptOutcome.HeadersTooLarge, (await AttemptAsync(receiver.Url)).Outcome);
    }

    [Fact]
    public async Task A_closed_port_and_a_name_that_does_not_exist_are_told_apart()
    {
        string closed;
        await using (var receiver = new RawReceiver(""))
        {
            closed = receiver.Url;
        }

        Assert.Equal(WebhookAttemptOutcome.Connect, (await AttemptAsync(closed)).Outcome);
        Assert.Equal(WebhookAttemptOutcome.Dns, (await AttemptAsync("https://nobody.invalid/")).Outcome);
    }

    [Fact]
    public async Task It_can_ask_for_time_with_Retry_After()
    {
        await using var receiver = new RawReceiver("HTTP/1.1 503 Busy\r\nRetry-After: 100\r\nContent-Length: 0\r\n\r\n");
        await using var app = await WebhooksApp.StartAsync();
        await app.RegisterAsync(receiver.Url);

        var delivery = await app.UntilAsync(await app.PublishAsync(), WebhookDeliveryStatus.Retrying);

        Assert.Equal(TimeSpan.FromSeconds(100), delivery.DueAt - delivery.LastAttempt!.FinishedAt);
    }

    private static async Task<WebhookAttempt> AttemptAsync(string url, Action<WebhooksOptions>? configure = null)
    {
        await using var app = await WebhooksApp.StartAsync(options =>
        {
            options.Retry.Delays = [];
            configure?.Invoke(options);
        });
        await app.RegisterAsync(url);
        var delivery = await app.UntilAsync(await app.PublishAsync(), delivery => delivery.FinishedAt is not null);
        return delivery.LastAttempt!;
    }
}
