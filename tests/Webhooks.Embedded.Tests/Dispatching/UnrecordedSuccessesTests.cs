using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Webhooks.Embedded.Dispatching;

namespace Webhooks.Embedded.Tests.Dispatching;

public sealed class UnrecordedSuccessesTests
{
    private readonly List<TaskCompletionSource> _recordings = [];
    private readonly UnrecordedSuccesses _successes = new(
        Options.Create(new WebhooksOptions { Concurrency = 10, ConcurrencyPerWebhook = 2 }), NullLogger<UnrecordedSuccesses>.Instance);

    [Fact]
    public void A_webhook_has_no_more_than_four_times_its_places()
    {
        Assert.Equal(8, Enumerable.Range(0, 20).Count(_ => Watch(webhookId: 1)));
        Assert.True(Watch(webhookId: 2));
    }

    [Fact]
    public void All_together_have_no_more_than_the_node_has_places() =>
        Assert.Equal(10, Enumerable.Range(0, 20).Count(i => Watch(webhookId: i)));

    [Fact]
    public async Task What_is_recorded_makes_room_however_the_recording_ended()
    {
        while (Watch(webhookId: 1))
        {
            // Until there is no more room.
        }

        _recordings[0].SetResult();
        _recordings[1].SetException(new InvalidOperationException("A fault."));
        for (var i = 2; i < 8; i++)
        {
            _recordings[i].SetResult();
        }

        await _successes.WhenNone();
        _recordings.Clear();
        Assert.Equal(8, Enumerable.Range(0, 20).Count(_ => Watch(webhookId: 1)));
    }

    [Fact]
    public async Task Who_waits_for_none_waits_for_the_last_one_and_for_those_that_came_later()
    {
        Assert.True(_successes.WhenNone().IsCompleted);
        Assert.True(Watch(webhookId: 1));
        var none = _successes.WhenNone();
        Assert.True(Watch(webhookId: 2));

        _recordings[0].SetResult();
        Assert.False(none.IsCompleted);

        _recordings[1].SetResult();
        await none;
    }

    private bool Watch(long webhookId)
    {
        var recording = new TaskCompletionSource();
        if (!_successes.TryWatch(webhookId, recording.Task))
        {
            return false;
        }

        _recordings.Add(recording);
        return true;
    }
}
