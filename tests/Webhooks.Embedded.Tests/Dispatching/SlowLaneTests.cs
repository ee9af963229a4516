using Webhooks.Embedded.Dispatching;

namespace Webhooks.Embedded.Tests.Dispatching;

/// <summary>What receivers that hang may hold: with 256 attempts, lanes that are not trusted 64, those known to be slow 32, those that are silent 128.</summary>
public sealed class SlowLaneTests : BufferTest
{
    private const int Concurrency = 256;
    private const int PerWebhook = 16;
    private static readonly TimeSpan Long = LaneTurns.Quick + Moment;

    [Theory]
    [InlineData(20)]
    [InlineData(100)]
    [InlineData(1000)]
    public void At_a_cold_start_receivers_that_hang_hold_a_quarter_at_most(int hanging)
    {
        var buffer = Buffer(Concurrency, PerWebhook);
        foreach (var id in Ids(1, hanging))
        {
            Claim(buffer, id, count: 8);
        }

        var underWay = TakeAll(buffer);
        Assert.InRange(underWay.Count, 20, Concurrency / 4);

        // Nor does it become more as time goes by.
        for (var second = 0; second < 20; second++)
        {
            Time.Advance(Long);
            underWay.AddRange(TakeAll(buffer));
        }

        Assert.InRange(underWay.Count, 20, Concurrency / 4);
    }

    [Fact]
    public void At_a_cold_start_webhooks_that_answer_get_through_beside_twenty_that_hang_with_much_to_do()
    {
        var buffer = Buffer(Concurrency, PerWebhook);
        foreach (var id in Ids(1, 200))
        {
            Claim(buffer, id, count: id <= 20 ? 50 : 1);
        }

        var answered = new HashSet<long>();
        for (List<BegunAttempt> begun; (begun = [.. TakeAll(buffer).Where(attempt => attempt.Delivery.WebhookId > 20)]).Count > 0;)
        {
            answered.UnionWith(begun.Select(attempt => attempt.Delivery.WebhookId));
            EndAll(buffer, begun);
        }

        // No time has passed: nobody waited for anyone's timeout.
        Assert.Equal(180, answered.Count);
    }

    [Theory]
    [InlineData(20, Concurrency / 4)]
    [InlineData(60, Concurrency / 4)]
    [InlineData(100, Concurrency / 2)]
    public void When_webhooks_of_two_hundred_begin_to_hang_at_once_each_holds_no_more_than_its_answers_had_earned(int hanging, int most)
    {
        var buffer = Buffer(Concurrency, PerWebhook);
        Trust(buffer, Ids(1, 200));
        Time.Advance(TimeSpan.FromMilliseconds(500));
        foreach (var id in Ids(1, hanging))
        {
            Claim(buffer, id, count: 50);
        }

        var held = TakeAll(buffer);
        Assert.Equal(hanging, held.Count);
        Assert.InRange(held.Count, 0, most);
        foreach (var id in Ids(hanging + 1, 200 - hanging))
        {
            Claim(buffer, id);
        }

        Assert.Equal(Math.Min(200 - hanging, Concurrency), TakeAll(buffer).Count);
    }

    [Fact]
    public void Once_they_are_found_out_they_begin_nothing_until_they_hold_less_than_an_eighth()
    {
        var buffer = Buffer(Concurrency, PerWebhook);
        Trust(buffer, Ids(1, 60));
        foreach (var id in Ids(1, 60))
        {
            Claim(buffer, id, count: 10);
        }

        var held = TakeAll(buffer);
        Assert.Equal(60, held.Count);
        Time.Advance(Long);
        Assert.Empty(TakeAll(buffer));

        EndAll(buffer, held[..28], quickly: false);
        Assert.Empty(TakeAll(buffer));
        EndAll(buffer, held[28..30], quickly: false);
        Assert.Single(TakeAll(buffer).Concat(TakeAll(buffer)).Take(1));
    }

    [Fact]
    public void Slow_webhooks_hold_an_eighth_at_most_and_leave_the_rest_of_the_quarter_to_those_of_which_nothing_is_known()
    {
        var buffer = Buffer(Concurrency, PerWebhook);
        MakeSlow(buffer, Ids(1, 100));
        foreach (var id in Ids(1, 100))
        {
            Claim(buffer, id, count: 10);
        }

        Assert.Equal(32, TakeAll(buffer).Count);
        foreach (var id in Ids(1000, 100))
        {
            Claim(buffer, id);
        }

        Assert.Equal(32, TakeAll(buffer).Count);
    }

    [Fact]
    public void Silent_webhooks_hold_half_at_most_and_those_that_answer_at_this_moment_have_the_rest()
    {
        var buffer = Buffer(Concurrency, PerWebhook);
        Trust(buffer, Ids(1, 300));
        Time.Advance(Long);
        Trust(buffer, Ids(1000, 100));
        foreach (var id in Ids(1, 300).Concat(Ids(1000, 100)))
        {
            Claim(buffer, id);
        }

        var begun = TakeAll(buffer).Select(attempt => attempt.Delivery.WebhookId).ToArray();

        Assert.Equal(128, begun.Count(id => id < 1000));
        Assert.Equal(100, begun.Count(id => id >= 1000));
    }

    [Fact]
    public void The_concurrency_of_a_webhook_grows_by_one_with_each_quick_answer_while_more_waits()
    {
        var buffer = Buffer(Concurrency, perWebhook: 5);
        Trust(buffer, 1);
        Claim(buffer, 1, count: 100);
        var sizes = new List<int>();
        for (var underWay = TakeAll(buffer); sizes.Count < 5; underWay = TakeAll(buffer))
        {
            sizes.Add(underWay.Count);
            EndAll(buffer, underWay);
        }

        Assert.Equal([1, 2, 4, 5, 5], sizes);
    }

    [Fact]
    public void After_a_second_without_an_answer_it_begins_with_one_again()
    {
        var buffer = Buffer(Concurrency, PerWebhook);
        TrustFully(buffer, 1, PerWebhook);
        Time.Advance(Long);
        Claim(buffer, 1, count: 10);

        Assert.Single(TakeAll(buffer));
    }

    [Fact]
    public void An_attempt_that_takes_long_takes_the_trust_away_while_it_is_under_way()
    {
        var buffer = Buffer(Concurrency, PerWebhook);
        TrustFully(buffer, 1, PerWebhook);
        Claim(buffer, 1, count: 200);
        var underWay = TakeAll(buffer);
        Assert.Equal(16, underWay.Count);
        Time.Advance(Moment);
        End(buffer, underWay[15]);
        var late = Assert.Single(TakeAll(buffer));
        Time.Advance(LaneTurns.Quick);
        Assert.Empty(TakeAll(buffer));

        // Others of its attempts that answer do not make up for it: 14 are under way, and a webhook that is slow may have 10.
        End(buffer, late);
        End(buffer, underWay[0], quickly: false);
        Assert.Empty(TakeAll(buffer));
    }

    [Fact]
    public void A_slow_webhook_that_is_alone_has_more_than_one_attempt_under_way_and_leaves_places_for_others()
    {
        var buffer = Buffer(Concurrency, PerWebhook);
        MakeSlow(buffer, [1]);
        Claim(buffer, 1, count: 30);

        Assert.Equal(11, TakeAll(buffer).Count);
    }

    [Fact]
    public void A_quick_answer_makes_up_for_a_slow_one()
    {
        var buffer = Buffer(Concurrency, PerWebhook);
        MakeSlow(buffer, Ids(1, 100));
        foreach (var id in Ids(1, 100))
        {
            Claim(buffer, id, count: 3);
        }

        var underWay = TakeAll(buffer);
        Assert.Equal(32, underWay.Count);
        EndAll(buffer, underWay);

        // Those 32 may have two each from now on, and 32 others are tried.
        Assert.Equal(96, TakeAll(buffer).Count);
    }

    [Fact]
    public void Nothing_sent_says_nothing_of_the_receiver()
    {
        var buffer = Buffer(concurrency: 4, perWebhook: 4);
        Claim(buffer, 1, count: 3);
        End(buffer, Assert.Single(TakeAll(buffer)), quickly: null);
        Assert.Single(TakeAll(buffer));
    }

    [Fact]
    public void What_is_remembered_of_webhooks_that_have_nothing_is_bounded_and_the_last_ones_are_kept()
    {
        var lanes = new KnownLanes(Directory, concurrencyPerTenant: 1);
        foreach (var id in Ids(1, 10_000))
        {
            var lane = lanes.Use(id);
            lane.AnsweredAt = 1;
            lanes.Settle(lane);
        }

        Assert.Equal(4096, lanes.Idle.Count);
        Assert.Null(lanes.Find(1));
        Assert.NotNull(lanes.Find(10_000));
        Assert.Single(lanes.Tenants);
    }

    [Fact]
    public void Of_a_webhook_that_was_never_asked_nothing_is_remembered()
    {
        var buffer = Buffer(Concurrency, PerWebhook);
        Assert.True(buffer.TryReserve(1, 2));
        buffer.Cancel(1, 2);
        Assert.Empty(buffer.PlanClaim(Directory.Current).RoomOf);
    }

    [Theory]
    [InlineData(WebhookAttemptOutcome.Delivered, 1000, true)]
    [InlineData(WebhookAttemptOutcome.HttpError, 10, true)]
    [InlineData(WebhookAttemptOutcome.Connect, 10, true)]
    [InlineData(WebhookAttemptOutcome.Delivered, 1001, false)]
    [InlineData(WebhookAttemptOutcome.TimeoutConnect, 100, false)]
    [InlineData(WebhookAttemptOutcome.TimeoutTls, 100, false)]
    [InlineData(WebhookAttemptOutcome.TimeoutHeaders, 100, false)]
    public void What_is_over_within_a_second_is_quick_but_for_timeouts(WebhookAttemptOutcome outcome, int milliseconds, bool isQuick) =>
        Assert.Equal(isQuick, LaneTurns.IsQuick(outcome, TimeSpan.FromMilliseconds(milliseconds)));

    private void MakeSlow(DeliveryBuffer buffer, IEnumerable<long> webhookIds)
    {
        foreach (var id in webhookIds)
        {
            Claim(buffer, id);
            EndAll(buffer, TakeAll(buffer), quickly: false);
        }
    }
}
