using static Webhooks.Embedded.WebhookAttemptOutcome;

namespace Webhooks.Embedded.EndToEndTests.Etiquette;

/// <summary>H25: the answer comes before the request is written to its end.</summary>
public sealed class When_a_receiver_answers_early
{
    private const int Large = 16 * 1024 * 1024;
    private const string TooLarge = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData("H25 and closes", false, false)]
    [InlineData("H25 and closes, over TLS", true, false)]
    [InlineData("H25 and closes a kept connection", false, true)]
    public async Task Its_status_counts_and_not_that_the_rest_could_not_be_written(string row, bool secure, bool kept)
    {
        using var certificates = new Certificates();
        await using var sender = Sender.Create(services: certificates.Trust);
        await using var receiver = new ScriptedReceiver(
            async visit =>
            {
                if (kept && visit.Number == 1)
                {
                    await visit.AnswerAsync((await visit.RequestAsync())!);
                }

                await visit.HeadAsync();
                await visit.WriteAsync(TooLarge);
            },
            secure ? certificates.With(certificates.Good) : null);
        if (kept)
        {
            await sender.NextIsUnharmedAsync(receiver.Url);
        }

        var answer = await sender.SendAsync(receiver.Url, timeout: Timeout, bodyLength: Large);

        Assert.Equal((row, HttpError, 413, false), (row, answer.Outcome, answer.StatusCode, answer.IsReconnected));
        Assert.Equal(1, receiver.Connections);
    }

    [Theory]
    [InlineData("H25 and reads on", "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n", HttpError, 413)]
    [InlineData("H25 with 200, and reads on", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", Delivered, 200)]
    public async Task A_receiver_that_reads_on_gets_all_of_it(string row, string early, WebhookAttemptOutcome outcome, int status)
    {
        await using var sender = Sender.Create();
        await using var receiver = new ScriptedReceiver(async visit =>
        {
            var head = await visit.HeadAsync();
            await visit.WriteAsync(early);
            await visit.BodyAsync(head!);
            while (await visit.RequestAsync() is { } request)
            {
                await visit.AnswerAsync(request);
            }
        });

        var answer = await sender.SendAsync(receiver.Url, timeout: Timeout, bodyLength: Large);

        Assert.Equal((row, outcome, status), (row, answer.Outcome, answer.StatusCode));
        await Until.TrueAsync(() => receiver.Requests == 1);
        await sender.NextIsUnharmedAsync(receiver.Url);
    }

    [Fact]
    public async Task H25_a_connection_that_was_not_written_to_its_end_is_not_used_again()
    {
        await using var sender = Sender.Create();
        await using var receiver = new ScriptedReceiver(async visit =>
        {
            if (visit.Number == 1)
            {
                await visit.HeadAsync();
                await visit.WriteAsync(TooLarge);
                return;
            }

            while (await visit.RequestAsync() is { } request)
            {
                await visit.AnswerAsync(request);
            }
        });
        _ = await sender.SendAsync(receiver.Url, timeout: Timeout, bodyLength: Large);

        var id = Guid.NewGuid();
        var answer = await sender.SendAsync(receiver.Url, id);

        Assert.Equal((Delivered, id.ToString(), false), (answer.Outcome, Sender.Text(answer), answer.IsReconnected));
        Assert.Equal(2, receiver.Connections);
    }

    [Fact]
    public async Task H25_no_answer_and_closed_is_a_connection_that_broke()
    {
        await using var sender = Sender.Create();
        await using var receiver = new ScriptedReceiver(visit => visit.HeadAsync());

        var answer = await sender.SendAsync(receiver.Url, timeout: Timeout, bodyLength: Large);

        Assert.Equal((Reset, null), (answer.Outcome, answer.StatusCode));
    }
}
