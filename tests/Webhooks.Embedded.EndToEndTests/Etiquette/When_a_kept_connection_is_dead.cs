using System.Diagnostics;
using System.Net.NetworkInformation;

namespace Webhooks.Embedded.EndToEndTests.Etiquette;

/// <summary>H6: a receiver closes a connection that is kept for the next request, just when that comes.</summary>
public sealed class When_a_kept_connection_is_dead
{
    private static readonly Guid Id = Guid.NewGuid();

    [Theory]
    [InlineData("H6 closed when the request had come", false, 17)]
    [InlineData("H6 reset when the request had come", true, 17)]
    [InlineData("H6 reset when a large request had come", true, 4_000_000)]
    public async Task The_request_is_sent_once_more_on_a_new_connection(string row, bool reset, int bodyLength)
    {
        var heads = new List<string>();
        await using var sender = Sender.Create();
        await using var receiver = new ScriptedReceiver(async visit =>
        {
            while (await visit.RequestAsync() is { } request)
            {
                heads.Add(request);
                if (heads.Count == 2)
                {
                    await LeaveAsync(visit, reset);
                    return;
                }

                await visit.AnswerAsync(request);
            }
        });
        await sender.NextIsUnharmedAsync(receiver.Url);

        var answer = await sender.SendAsync(receiver.Url, Id, TimeSpan.FromSeconds(10), bodyLength);

        Assert.Equal((row, WebhookAttemptOutcome.Delivered, true), (row, answer.Outcome, answer.IsReconnected));
        Assert.Equal((2, 3), (receiver.Connections, receiver.Requests));
        Assert.Equal(heads[1], heads[2]);
        Assert.Equal(Id.ToString(), Sender.Text(answer));
    }

    [Theory]
    [InlineData("H6 reset before the request is read", 17)]
    [InlineData("H6 reset while a large request is written", 4_000_000)]
    public async Task What_was_not_read_is_sent_once_more(string row, int bodyLength)
    {
        await using var sender = Sender.Create();
        await using var receiver = new ScriptedReceiver(async visit =>
        {
            while (await visit.RequestAsync() is { } request)
            {
                await visit.AnswerAsync(request);
                if (visit.Number == 1)
                {
                    await visit.HeadAsync();
                    visit.Reset();
                    return;
                }
            }
        });
        await sender.NextIsUnharmedAsync(receiver.Url);

        var answer = await sender.SendAsync(receiver.Url, timeout: TimeSpan.FromSeconds(10), bodyLength: bodyLength);

        Assert.Equal((row, WebhookAttemptOutcome.Delivered, true), (row, answer.Outcome, answer.IsReconnected));
        Assert.Equal(2, receiver.Connections);
    }

    [Theory]
    [InlineData("H6 closed each time", false)]
    [InlineData("H6 reset each time", true)]
    public async Task It_is_sent_twice_at_most(string row, bool reset)
    {
        await using var sender = Sender.Create();
        await using var receiver = new ScriptedReceiver(async visit =>
        {
            if (visit.Number == 1)
            {
                await visit.AnswerAsync((await visit.RequestAsync())!);
            }

            await visit.RequestAsync();
            await LeaveAsync(visit, reset);
        });
        await sender.NextIsUnharmedAsync(receiver.Url);

        var answer = await sender.SendAsync(receiver.Url);

        Assert.Equal((row, WebhookAttemptOutcome.Reset, true), (row, answer.Outcome, answer.IsReconnected));
        Assert.Contains("kept connection", answer.Error, StringComparison.Ordinal);
        Assert.Equal((2, 3), (receiver.Connections, receiver.Requests));
    }

    [Fact]
    public async Task H6_a_connection_that_is_new_is_not_followed_by_another()
    {
        await using var sender = Sender.Create();
        await using var receiver = new ScriptedReceiver(visit => visit.RequestAsync());

        var answer = await sender.SendAsync(receiver.Url);

        Assert.Equal((WebhookAttemptOutcome.Reset, false), (answer.Outcome, answer.IsReconnected));
        Assert.Equal((1, 1), (receiver.Connections, receiver.Requests));
    }

    [Fact]
    public async Task H6_a_receiver_that_began_to_answer_is_not_asked_again()
    {
        await using var sender = Sender.Create();
        await using var receiver = new ScriptedReceiver(async visit =>
        {
            await visit.AnswerAsync((await visit.RequestAsync())!);
            await visit.RequestAsync();
            await visit.WriteAsync("H");
        });
        await sender.NextIsUnharmedAsync(receiver.Url);

        var answer = await sender.SendAsync(receiver.Url);

        Assert.Equal((WebhookAttemptOutcome.Reset, false), (answer.Outcome, answer.IsReconnected));
        Assert.Equal((1, 2), (receiver.Connections, receiver.Requests));
    }

    [Fact]
    public async Task H6_a_connection_that_is_known_to_be_closed_is_not_tried()
    {
        await using var sender = Sender.Create();
        await using var receiver = new ScriptedReceiver(async visit =>
        {
            await visit.AnswerAsync((await visit.RequestAsync())!);
            if (visit.Number == 1)
            {
                return;
            }

            await visit.StallAsync();
        });
        await sender.NextIsUnharmedAsync(receiver.Url);
        var port = new Uri(receiver.Url).Port;
        await Until.TrueAsync(() => IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpConnections()
            .Any(connection => connection.RemoteEndPoint.Port == port && connection.State == TcpState.CloseWait));

        var answer = await sender.SendAsync(receiver.Url);

        Assert.Equal((WebhookAttemptOutcome.Delivered, false), (answer.Outcome, answer.IsReconnected));
        Assert.Equal((2, 2), (receiver.Connections, receiver.Requests));
    }

    [Fact]
    public async Task H6_the_second_connection_is_a_new_one_even_where_others_are_kept()
    {
        const int Kept = 4;
        using var together = new Barrier(Kept);
        await using var sender = Sender.Create();
        await using var receiver = new ScriptedReceiver(async visit =>
        {
            var first = await visit.RequestAsync();
            if (visit.Number <= Kept)
            {
                await Task.Run(() => together.SignalAndWait(visit.Stopping));
            }

            await visit.AnswerAsync(first!);
            if (visit.Number > Kept)
            {
                await visit.StallAsync();
            }

            // All that were kept are closed when the next request comes.
            await visit.RequestAsync();
        });
        await Task.WhenAll(Enumerable.Range(0, Kept).Select(_ => sender.SendAsync(receiver.Url, timeout: TimeSpan.FromSeconds(10))));
        Assert.Equal(Kept, receiver.Connections);

        var answer = await sender.SendAsync(receiver.Url);

        Assert.Equal((WebhookAttemptOutcome.Delivered, true), (answer.Outcome, answer.IsReconnected));
        Assert.Equal((Kept + 1, Kept + 2), (receiver.Connections, receiver.Requests));
    }

    [Fact]
    public async Task H6_both_connections_share_one_deadline()
    {
        var timeout = TimeSpan.FromSeconds(3);
        await using var sender = Sender.Create();
        await using var receiver = new ScriptedReceiver(async visit =>
        {
            if (visit.Number == 1)
            {
                await visit.AnswerAsync((await visit.RequestAsync())!);
                await visit.RequestAsync();
                await Task.Delay(TimeSpan.FromSeconds(2.5), visit.Stopping);
                return;
            }

            await visit.StallAsync();
        });
        await sender.NextIsUnharmedAsync(receiver.Url);
        var watch = Stopwatch.StartNew();

        var answer = await sender.SendAsync(receiver.Url, timeout: timeout);

        Assert.Equal((WebhookAttemptOutcome.TimeoutHeaders, true), (answer.Outcome, answer.IsReconnected));
        Assert.InRange(watch.Elapsed, timeout - TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5.4));
    }

    private static Task LeaveAsync(Visit visit, bool reset)
    {
        if (reset)
        {
            visit.Reset();
        }

        return Task.CompletedTask;
    }
}
