using System.Diagnostics;

namespace Webhooks.Embedded.EndToEndTests.Etiquette;

/// <summary>H4, H5, H8, H9, H11 to H15: what a receiver can write as an answer.</summary>
public sealed class When_a_receiver_answers_oddly
{
    public static TheoryData<string, string, WebhookAttemptOutcome, int?, string?> Answers => OddAnswers.All;

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task The_attempt_has_the_outcome_of_the_table_and_the_next_one_is_unharmed(
        string row, string answer, WebhookAttemptOutcome outcome, int? status, string? body)
    {
        await using var sender = Sender.Create();
        await using var receiver = ScriptedReceiver.AnsweringOnce(answer);
        var watch = Stopwatch.StartNew();

        var actual = await sender.SendAsync(receiver.Url);

        Assert.Equal((row, outcome, status, body), (row, actual.Outcome, actual.StatusCode, Sender.Text(actual)));
        Assert.True(watch.Elapsed < Sender.Ample, $"{watch.Elapsed}");
        Assert.Equal(outcome == WebhookAttemptOutcome.Delivered, actual.Error is null);
        Assert.Equal((1, false), (receiver.Requests, actual.IsReconnected));

        await sender.NextIsUnharmedAsync(receiver.Url);
        Assert.Equal(2, receiver.Requests);
    }

    [Theory]
    [InlineData("H9 two lengths", "200 OK\r\nContent-Length: 0\r\nContent-Length: 46\r\n\r\n")]
    [InlineData("H9 a length and chunks", "200 OK\r\nContent-Length: 46\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("H9 204 that promises a body", "204 No Content\r\nContent-Length: 46\r\n\r\n")]
    public async Task After_an_answer_of_uncertain_length_what_comes_later_is_nobodys_answer(string row, string beginning)
    {
        await using var sender = Sender.Create();
        await using var receiver = new ScriptedReceiver(async visit =>
        {
            var request = await visit.RequestAsync();
            if (visit.Number > 1)
            {
                await visit.AnswerAsync(request!);
                return;
            }

            await visit.WriteAsync($"HTTP/1.1 {beginning}");
            await visit.RequestAsync();
            await visit.WriteAsync("HTTP/1.1 500 Smuggled\r\nContent-Length: 0\r\n\r\n");
        });

        var answer = await sender.SendAsync(receiver.Url);

        Assert.Equal((row, WebhookAttemptOutcome.Delivered), (row, answer.Outcome));
        await sender.NextIsUnharmedAsync(receiver.Url);
        Assert.Equal(2, receiver.Connections);
    }

    [Fact]
    public async Task H12_where_a_redirect_points_to_is_shown_and_not_asked()
    {
        await using var sender = Sender.Create();
        await using var target = new ScriptedReceiver(visit => visit.RequestAsync());
        foreach (var status in new[] { 301, 302, 303, 307, 308 })
        {
            await using var receiver = ScriptedReceiver.AnsweringOnce($"HTTP/1.1 {status} X\r\nLocation: {target.Url}\r\nContent-Length: 0\r\n\r\n");

            Assert.Contains(target.Url, (await sender.SendAsync(receiver.Url)).Error, StringComparison.Ordinal);
        }

        Assert.Equal(0, target.Connections);
    }
}
