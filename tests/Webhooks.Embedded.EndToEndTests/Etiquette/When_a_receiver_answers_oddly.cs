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
        Assert.True(watch.Elapsed < Sender.Longest, $"{watch.Elapsed}");
        Assert.Equal(outcome == WebhookAttemptOutcome.Delivered, actual.Error is null);
        Assert.Equal((1, false), (receiver.Requests, actual.IsReconnected));

        await sender.NextIsUnharmedAsync(receiver.Url);
        Assert.Equal(2, receiver.Requests);
    }
}
