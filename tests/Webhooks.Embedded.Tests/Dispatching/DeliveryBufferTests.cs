using Webhooks.Embedded.Dispatching;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Tests.Dispatching;

public sealed class DeliveryBufferTests : BufferTest
{
    [Fact]
    public void Nothing_is_handed_over_before_the_dispatcher_has_started()
    {
        var buffer = Buffer(concurrency: 4, perWebhook: 2, open: false);
        Assert.False(buffer.TryReserve(1, 100));
    }

    [Fact]
    public void Webhooks_take_turns()
    {
        var buffer = Buffer(concurrency: 64, perWebhook: 8);
        foreach (var webhookId in new long[] { 1, 1, 1, 2, 3 })
        {
            Claim(buffer, webhookId);
        }

        Assert.Equal([1, 2, 3, 1, 1], TakeAll(buffer).Select(begun => begun.Delivery.WebhookId));
    }

    [Fact]
    public void A_webhook_has_no_more_attempts_under_way_than_its_share()
    {
        var buffer = Buffer(concurrency: 8, perWebhook: 2);
        TrustFully(buffer, 1, perWebhook: 2);
        Claim(buffer, 1, count: 5);

        var begun = TakeAll(buffer);
        Assert.Equal(2, begun.Count);

        End(buffer, begun[0]);
        Assert.Single(TakeAll(buffer));
    }

    [Fact]
    public void A_worker_is_started_for_whatever_can_begin_and_no_more_than_allowed()
    {
        var buffer = Buffer(concurrency: 3, perWebhook: 3);
        Trust(buffer, Ids(1, 10));
        var before = Workers;
        foreach (var id in Ids(1, 10))
        {
            Claim(buffer, id);
        }

        Assert.Equal(3, Workers - before);
    }

    [Fact]
    public void A_worker_is_started_when_an_answer_lets_more_than_one_begin()
    {
        var buffer = Buffer(concurrency: 8, perWebhook: 8);
        Claim(buffer, 1, count: 5);
        var first = Assert.Single(TakeAll(buffer));
        var before = Workers;

        End(buffer, first);
        Assert.True(buffer.TryTake(out _));

        // The worker goes on with the next one, and the answer has earned the webhook one more.
        Assert.Equal(1, Workers - before);
        Assert.Single(TakeAll(buffer));
    }

    [Fact]
    public void A_webhook_that_answers_slowly_fills_its_own_places_only()
    {
        var buffer = Buffer(concurrency: 100, perWebhook: 1);
        Trust(buffer, 1);
        var kept = 0;
        while (buffer.TryReserve(1, 10))
        {
            kept++;
        }

        Assert.Equal(32, kept);
        Assert.True(buffer.TryReserve(2, 10));
        buffer.Cancel(1, 10);
        Assert.True(buffer.TryReserve(1, 10));
    }

    [Fact]
    public void Before_the_first_answer_a_webhook_fills_few_places()
    {
        var buffer = Buffer(concurrency: 100, perWebhook: 4);
        var kept = 0;
        while (buffer.TryReserve(1, 10))
        {
            kept++;
        }

        Assert.Equal(8, kept);
    }

    [Fact]
    public void A_slow_webhook_is_handed_what_can_begin_at_once_and_nothing_that_would_wait()
    {
        var buffer = Buffer(concurrency: 64, perWebhook: 4);
        Claim(buffer, 1);
        EndAll(buffer, TakeAll(buffer), quickly: false);

        HandOver(buffer, 1);
        Assert.False(buffer.TryReserve(1, 2));
        Assert.Single(TakeAll(buffer));
        Assert.False(buffer.TryReserve(1, 2));
    }

    [Fact]
    public void What_was_handed_over_leaves_memory_for_what_is_claimed_and_the_other_way_round()
    {
        var buffer = Buffer(concurrency: 10, perWebhook: 1);
        var kept = 0;
        while (buffer.TryReserve(kept, 1))
        {
            kept++;
        }

        Assert.Equal(224, kept);
        Assert.True(buffer.PlanClaim(Directory.Current).Max > 0);

        foreach (var id in Ids(1000, 96))
        {
            Claim(buffer, id);
        }

        Assert.Equal(0, buffer.PlanClaim(Directory.Current).Max);
        buffer.Cancel(1, 1);
        Assert.True(buffer.TryReserve(1, 1));
    }

    [Fact]
    public void Large_payloads_do_not_fill_the_memory()
    {
        var buffer = Buffer(concurrency: 1000, perWebhook: 1000);
        var kept = 0;
        while (buffer.TryReserve(kept, 1024 * 1024))
        {
            kept++;
        }

        Assert.Equal(64, kept);
    }

    [Fact]
    public void After_closing_nothing_begins_and_everything_is_given_back()
    {
        var buffer = Buffer(concurrency: 4, perWebhook: 4);
        Assert.True(buffer.TryReserve(1, 2));
        Claim(buffer, 1);
        buffer.Close();
        buffer.Accept(Delivery(1));

        Assert.False(buffer.TryReserve(1, 2));
        Assert.Empty(TakeAll(buffer));
        Assert.Equal(2, buffer.TakeUnsent().Count);
    }

    [Fact]
    public void What_has_waited_for_too_long_is_given_back_and_what_came_later_stays()
    {
        var buffer = Buffer(concurrency: 4, perWebhook: 2);
        Claim(buffer, 1, count: 3);
        HandOver(buffer, 1);
        Assert.Single(TakeAll(buffer));
        Time.Advance(TimeSpan.FromSeconds(42));
        Claim(buffer, 1);
        Assert.Empty(buffer.TakeExpired(TimeSpan.FromSeconds(42)));

        Time.Advance(Moment);

        Assert.Equal(3, buffer.TakeExpired(TimeSpan.FromSeconds(42)).Count);
        Assert.Single(buffer.TakeUnsent());
    }

    [Fact]
    public async Task Room_in_a_lane_wakes_the_dispatcher_when_the_last_claim_left_something_of_it_behind()
    {
        var buffer = Buffer(concurrency: 64, perWebhook: 1);
        var plan = buffer.PlanClaim(Directory.Current);
        buffer.Claimed(plan, [Delivery(1), Delivery(1)]);
        Claim(buffer, 1, count: 2);
        End(buffer, Assert.Single(TakeAll(buffer)));
        Assert.False(await IsAwakeAsync());

        End(buffer, Assert.Single(TakeAll(buffer)));

        Assert.True(await IsAwakeAsync());
    }

    [Fact]
    public async Task Room_in_one_lane_does_not_wake_the_dispatcher_for_what_another_lane_has_left_behind()
    {
        var buffer = Buffer(concurrency: 32, perWebhook: 4);
        Trust(buffer, 2);
        var plan = buffer.PlanClaim(Directory.Current);
        buffer.Claimed(plan, [Delivery(1), Delivery(1)]);
        Claim(buffer, 1, count: 4);
        Assert.NotEmpty(TakeAll(buffer));

        for (var i = 0; i < 100; i++)
        {
            HandOver(buffer, 2);
            End(buffer, Assert.Single(TakeAll(buffer)));
        }

        Assert.False(await IsAwakeAsync());
    }

    [Fact]
    public async Task Room_that_comes_while_a_claim_is_under_way_wakes_the_dispatcher_too()
    {
        var buffer = Buffer(concurrency: 64, perWebhook: 4);
        Claim(buffer, 1, count: 2);

        // Two wait: the claim brings nothing of it. Both are over before the claim is.
        var plan = buffer.PlanClaim(Directory.Current);
        Assert.Equal(0, plan.Of(1));
        EndAll(buffer, TakeAll(buffer));
        buffer.Claimed(plan, []);

        Assert.True(await IsAwakeAsync());
    }

    [Fact]
    public void What_waits_behind_an_attempt_that_hangs_is_begun_when_that_is_found_to_take_long()
    {
        var buffer = Buffer(concurrency: 64, perWebhook: 4);
        Trust(buffer, 1);
        Claim(buffer, 1, count: 2);
        Assert.Single(TakeAll(buffer));
        var before = Workers;
        Time.Advance(TimeSpan.FromSeconds(2));

        buffer.PlanClaim(Directory.Current);

        Assert.Equal(before + 1, Workers);
        Assert.Single(TakeAll(buffer));
    }

    [Fact]
    public void What_waits_when_a_webhook_begins_to_recover_goes_no_faster_than_it_recovers()
    {
        var buffer = Buffer(concurrency: 64, perWebhook: 8);
        TrustFully(buffer, 1, perWebhook: 8);
        Claim(buffer, 1, count: 30);
        Recover(sequence: 1, slowStart: 2);

        var begun = TakeAll(buffer);
        Assert.Equal(2, begun.Count);
        Recover(sequence: 2, slowStart: 4);
        EndAll(buffer, begun);
        begun = TakeAll(buffer);
        Assert.Equal(4, begun.Count);
        Recover(sequence: 3, slowStart: 1);
        EndAll(buffer, begun);
        begun = TakeAll(buffer);
        Assert.Single(begun);
        Breakers.Read([], Breakers.BeginRead());
        EndAll(buffer, begun);
        Assert.Equal(8, TakeAll(buffer).Count);

        void Recover(long sequence, int slowStart) =>
            Breakers.Remember(new WebhookBreaker { WebhookId = 1, Status = BreakerStatus.Recovering, Sequence = sequence, SlowStart = slowStart });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Whatever_happens_everything_begins_once_and_no_bound_is_passed(int seed)
    {
        const int Concurrency = 24;
        const int PerWebhook = 5;
        const int PerTenant = 9;
        const int Steps = 20_000;
        var random = new Random(seed);
        Know([.. Ids(1, 60).Select(id => Webhook(id, id % 3 == 0 ? "" : $"{id % 3}"))]);
        var buffer = Buffer(Concurrency, PerWebhook, perTenant: PerTenant);
        var underWay = new List<BegunAttempt>();
        var (added, started, ready, begun) = (0, 0, 0, new HashSet<long>());

        for (var step = 0; step < Steps || begun.Count < added; step++)
        {
            Assert.True(step < 10 * Steps, "It has come to a halt.");
            var id = random.Next(1, 61);
            if (step < Steps && random.Next(2) == 0)
            {
                buffer.Add(Delivery(id, ++added));
            }
            else if (step < Steps && buffer.TryReserve(id, 2))
            {
                buffer.Accept(Delivery(id, ++added));
            }

            // Workers that were started, and those whose attempt is over; who finds nothing has ended.
            for (; ready > 0 || started < Workers; ready--)
            {
                ready += Workers - started;
                started = Workers;
                if (buffer.TryTake(out var taken))
                {
                    Assert.True(begun.Add(taken.Delivery.Id));
                    underWay.Add(taken);
                }
            }

            Assert.InRange(underWay.Count, 0, Concurrency);
            Assert.All(ByWebhook(underWay).Values, count => Assert.InRange(count, 1, PerWebhook));
            Assert.All(
                underWay.CountBy(attempt => Directory.Current.Find(attempt.Delivery.WebhookId)!.Tenant).Where(tenant => tenant.Key.Length > 0),
                tenant => Assert.InRange(tenant.Value, 1, PerTenant));

            Time.Advance(TimeSpan.FromMilliseconds(random.Next(40)));
            for (var over = random.Next(4); over > 0 && underWay.Count > 0; over--)
            {
                var index = random.Next(underWay.Count);
                End(buffer, underWay[index], random.Next(10) switch { 0 => false, 1 => null, _ => true });
                underWay.RemoveAt(index);
                ready++;
            }
        }

        Assert.Equal(added, begun.Count);
        Assert.Empty(buffer.TakeUnsent());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Beside_receivers_that_hang_for_ever_everything_else_begins_whatever_breakers_and_answers_do(int seed)
    {
        const int Concurrency = 24;
        const int PerWebhook = 5;
        const int Hanging = 3;
        const int Steps = 5_000;
        var random = new Random(seed);
        Know([.. Ids(1, 30).Select(id => Webhook(id, id % 3 == 0 ? "" : $"{id % 3}"))]);

        // Those that hang have the whole share of slow ones, so the others must not become slow.
        var buffer = Buffer(Concurrency, PerWebhook, perTenant: 9);
        var underWay = new List<BegunAttempt>();
        var (lastId, waiting, started, ready, sequence) = (0L, 0, 0, 0, 0L);

        for (var step = 0; step < Steps || waiting > 0; step++)
        {
            Assert.True(step < 2 * Steps, $"{waiting} wait for ever.");
            var id = random.Next(1, 31);
            if (step < Steps && (random.Next(2) == 0 || !buffer.TryReserve(id, 2)))
            {
                buffer.Add(Delivery(id, ++lastId));
                waiting += id > Hanging ? 1 : 0;
            }
            else if (step < Steps)
            {
                buffer.Accept(Delivery(id, ++lastId));
                waiting += id > Hanging ? 1 : 0;
            }

            if (random.Next(5) == 0)
            {
                Breakers.Remember(AnyBreaker(random, id, ++sequence));
            }

            if (random.Next(20) == 0)
            {
                buffer.Claimed(buffer.PlanClaim(Directory.Current), []);
            }

            for (; ready > 0 || started < Workers; ready--)
            {
                ready += Workers - started;
                started = Workers;
                if (buffer.TryTake(out var taken))
                {
                    underWay.Add(taken);
                    var webhookId = taken.Delivery.WebhookId;
                    waiting -= webhookId > Hanging ? 1 : 0;
                    Assert.InRange(underWay.Count(attempt => attempt.Delivery.WebhookId == webhookId), 1, Breakers.SlowStart(webhookId) ?? PerWebhook);
                }
            }

            Time.Advance(TimeSpan.FromMilliseconds(random.Next(200)));
            for (var over = random.Next(4); over > 0; over--)
            {
                if (underWay.FindIndex(random.Next(underWay.Count + 1), attempt => attempt.Delivery.WebhookId > Hanging) is >= 0 and var index)
                {
                    End(buffer, underWay[index], random.Next(5) == 0 ? null : true);
                    underWay.RemoveAt(index);
                    ready++;
                }
            }
        }

        Assert.Contains(underWay, attempt => attempt.Delivery.WebhookId <= Hanging);

        WebhookBreaker AnyBreaker(Random random, long id, long sequence) => random.Next(3) switch
        {
            0 => new() { WebhookId = id, Sequence = sequence },
            1 => new() { WebhookId = id, Sequence = sequence, Status = BreakerStatus.Recovering, SlowStart = random.Next(1, 4) },
            _ => new() { WebhookId = id, Sequence = sequence, Status = BreakerStatus.Open, PausedUntil = Clock.Now + random.Next(5000) },
        };
    }
}
