using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using static Webhooks.Embedded.WebhookAttemptOutcome;

namespace Webhooks.Embedded.EndToEndTests.Etiquette;

/// <summary>H1, H2, H7, H8, H23, H24 and the stalls of H18: whatever a receiver waits with, an attempt ends in time.</summary>
public sealed class When_a_receiver_is_slow : IClassFixture<WarmedUp>
{
    private static readonly TimeSpan Drip = TimeSpan.FromMilliseconds(20);

    public static TheoryData<string> Slow => [.. Scripts.Keys];

    private static Dictionary<string, (Func<Visit, Task> Script, WebhookAttemptOutcome Outcome, int? Status)> Scripts { get; } = new()
    {
        ["H1 never answers"] = (async visit => { await visit.RequestAsync(); await visit.StallAsync(); }, TimeoutHeaders, null),
        ["H1 drips the status line"] = (async visit => { await visit.RequestAsync(); await visit.WriteWithoutEndAsync("H"u8.ToArray(), Drip); }, TimeoutHeaders, null),
        ["H1 drips a header"] = (visit => DripAsync(visit, "HTTP/1.1 200 OK\r\nX: ", "x"), TimeoutHeaders, null),
        ["H1 drips headers"] = (visit => DripAsync(visit, "HTTP/1.1 200 OK\r\n", "X: x\r\n"), TimeoutHeaders, null),
        ["H1 stops before the end of the headers"] = (visit => StopAsync(visit, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"), TimeoutHeaders, null),
        ["H1 never reads"] = (visit => visit.StallAsync(), TimeoutHeaders, null),
        ["H2 drips the body"] = (visit => DripAsync(visit, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", "x"), Delivered, 200),
        ["H2 drips chunks"] = (visit => DripAsync(visit, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"), Delivered, 200),
        ["H2 never sends the body"] = (visit => StopAsync(visit, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), Delivered, 200),
        ["H2 never sends the body of a failure"] = (visit => StopAsync(visit, "HTTP/1.1 500 No\r\nContent-Length: 5\r\n\r\n"), HttpError, 500),
        ["H2 neither sends nor closes"] = (visit => StopAsync(visit, "HTTP/1.1 200 OK\r\n\r\n"), Delivered, 200),
        ["H8 100 and then nothing"] = (visit => StopAsync(visit, "HTTP/1.1 100 Continue\r\n\r\n"), TimeoutHeaders, null),
        ["H8 drips 100"] = (visit => DripAsync(visit, "", "HTTP/1.1 100 Continue\r\n\r\n"), TimeoutHeaders, null),
        ["H8 101 and then nothing"] = (visit => StopAsync(visit, "HTTP/1.1 101 Switching Protocols\r\n\r\n"), Protocol, 101),
    };

    [Theory]
    [MemberData(nameof(Slow))]
    public async Task The_attempt_ends_in_time_and_as_the_table_says(string row)
    {
        var (script, outcome, status) = Scripts[row];
        await using var sender = Sender.Create();
        await using var receiver = new ScriptedReceiver(script);
        var watch = Stopwatch.StartNew();

        var answer = await sender.SendAsync(receiver.Url, timeout: Sender.Short);

        Assert.Equal((row, outcome, status), (row, answer.Outcome, answer.StatusCode));
        Assert.Equal(status is not null, answer.IsTruncated);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, Sender.Longest);
    }

    [Theory]
    [InlineData("H7 does not read a large body", false)]
    [InlineData("H7 reads a large body byte by byte", true)]
    public async Task A_request_that_cannot_be_written_ends_in_time(string row, bool reads)
    {
        await using var sender = Sender.Create();
        await using var receiver = new ScriptedReceiver(
            async visit =>
            {
                await visit.HeadAsync();
                while (reads)
                {
                    await visit.ReadAsync(1);
                    await Task.Delay(Drip, visit.Stopping);
                }

                await visit.StallAsync();
            },
            receiveBuffer: 4096);
        var watch = Stopwatch.StartNew();

        var answer = await sender.SendAsync(receiver.Url, timeout: Sender.Short, bodyLength: 16 * 1024 * 1024);

        Assert.Equal((row, TimeoutHeaders), (row, answer.Outcome));
        Assert.InRange(watch.Elapsed, Sender.Short - TimeSpan.FromMilliseconds(100), Sender.Longest);
    }

    [Theory]
    [InlineData("H18 says nothing", null)]
    [InlineData("H18 stops within its first record", new byte[] { 0x16, 0x03, 0x03, 0x00, 0x7a, 0x02 })]
    public async Task A_handshake_that_stalls_is_a_timeout_of_TLS(string row, byte[]? beginning)
    {
        await using var sender = Sender.Create();
        await using var receiver = new ScriptedReceiver(async visit =>
        {
            await visit.WriteAsync(beginning ?? []);
            await visit.StallAsync();
        });
        var watch = Stopwatch.StartNew();

        var answer = await sender.SendAsync(receiver.Url.Replace("http:", "https:", StringComparison.Ordinal), timeout: Sender.Short);

        Assert.Equal((row, TimeoutTls), (row, answer.Outcome));
        Assert.InRange(watch.Elapsed, Sender.Short - TimeSpan.FromMilliseconds(100), Sender.Longest);
    }

    [Fact]
    public async Task H18_a_handshake_may_take_five_seconds_whatever_the_timeout_is()
    {
        await using var sender = Sender.Create();
        await using var receiver = new ScriptedReceiver(visit => visit.StallAsync());
        var watch = Stopwatch.StartNew();

        var answer = await sender.SendAsync(receiver.Url.Replace("http:", "https:", StringComparison.Ordinal), timeout: TimeSpan.FromSeconds(20));

        Assert.Equal(TimeoutTls, answer.Outcome);
        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(4.5), TimeSpan.FromSeconds(15));
    }

    [Fact]
    public async Task H23_a_port_that_is_closed_and_one_that_does_not_answer_are_told_apart()
    {
        await using var sender = Sender.Create();
        using var full = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var url = $"http://127.0.0.1:{((IPEndPoint)full.LocalEndPoint!).Port}/";
        Assert.Equal(Connect, (await sender.SendAsync(url)).Outcome);

        // Where nobody accepts connections, the system drops those beyond the backlog: like a filter, it does not even refuse.
        full.Listen(1);
        var waiting = Enumerable.Range(0, 8).Select(_ => new TcpClient()).ToArray();
        foreach (var client in waiting)
        {
            _ = client.ConnectAsync((IPEndPoint)full.LocalEndPoint, TestContext.Current.CancellationToken).AsTask()
                .ContinueWith(task => task.Exception, TaskScheduler.Default);
        }

        await Until.TrueAsync(() => waiting.Count(client => client.Connected) >= 2);
        var watch = Stopwatch.StartNew();

        var answer = await sender.SendAsync(url, timeout: Sender.Short);

        Assert.Equal(TimeoutConnect, answer.Outcome);
        Assert.InRange(watch.Elapsed, Sender.Short - TimeSpan.FromMilliseconds(100), Sender.Longest);
        Array.ForEach(waiting, client => client.Dispose());
    }

    [Fact]
    public async Task H24_an_answer_at_the_very_deadline_counts_or_is_a_timeout_and_harms_nothing()
    {
        const int Times = 200;
        var timeout = TimeSpan.FromMilliseconds(400);
        await using var sender = Sender.Create();
        await using var receiver = new ScriptedReceiver(async visit =>
        {
            while (await visit.RequestAsync() is { } request)
            {
                await Task.Delay(timeout + TimeSpan.FromMilliseconds(Random.Shared.Next(-8, 3)), visit.Stopping);
                await visit.AnswerAsync(request);
            }
        });

        var answers = new List<(Guid Id, Dispatching.Answer Answer)>();
        for (var i = 0; i < 4; i++)
        {
            answers.AddRange(await Task.WhenAll(Enumerable.Range(0, Times / 4).Select(async _ =>
            {
                var id = Guid.NewGuid();
                return (id, await sender.SendAsync(receiver.Url, id, timeout));
            })));
        }

        // Not one got another's answer.
        Assert.All(answers, sent => Assert.True(
            sent.Answer.Outcome == TimeoutHeaders || (sent.Answer.Outcome == Delivered && Sender.Text(sent.Answer) == sent.Id.ToString()),
            $"{sent.Answer.Outcome}: {Sender.Text(sent.Answer)}"));
        Assert.All(answers, sent => Assert.False(sent.Answer.IsReconnected));
    }

    [Fact]
    public async Task When_the_host_stops_the_attempt_is_interrupted()
    {
        using var stopping = new CancellationTokenSource();
        await using var sender = Sender.Create();
        await using var receiver = new ScriptedReceiver(async visit =>
        {
            await visit.RequestAsync();
            await stopping.CancelAsync();
            await visit.StallAsync();
        });

        var answer = await sender.SendAsync(receiver.Url, timeout: TimeSpan.FromSeconds(30), stopping: stopping.Token);

        Assert.Equal(Interrupted, answer.Outcome);
    }

    private static async Task DripAsync(Visit visit, string beginning, string drop)
    {
        await visit.RequestAsync();
        await visit.WriteAsync(beginning);
        await visit.WriteWithoutEndAsync(System.Text.Encoding.ASCII.GetBytes(drop), Drip);
    }

    private static async Task StopAsync(Visit visit, string beginning)
    {
        await visit.RequestAsync();
        await visit.WriteAsync(beginning);
        await visit.StallAsync();
    }
}
