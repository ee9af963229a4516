namespace Webhooks.Embedded.EndToEndTests.SeveralNodes;

/// <summary>Node <c>a</c> of two is halted past its leases, as a paused virtual machine is, and goes on when another one has its work.</summary>
public sealed class When_a_node_stalls(ITestOutputHelper report)
{
    private const string TooLate = "came too late";

    [Fact]
    public async Task What_waited_in_its_memory_it_does_not_send_any_more()
    {
        await using var scenario = await Scenario.StartAsync(report);
        var (a, _) = await scenario.StartTwoNodesAsync(["--Webhooks:Concurrency", "1"]);
        scenario.HoldAnswersTo("a");
        var inFlight = await scenario.Publisher.PublishAsync(a);
        await Until.TrueAsync(() => scenario.Receiver.UnderWay == 1);
        var waiting = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => scenario.Publisher.PublishAsync(a)));

        await a.HaltAsync();
        await Until.TrueAsync(() => scenario.Receiver.Requests.Count == 2 + waiting.Length);
        a.Resume();

        await Until.TrueAsync(() => a.Output.Contains(TooLate, StringComparison.Ordinal), () => a.Output);
        await scenario.EndsWithAsync(new Bounds(Incidents: 1, Duplicates: 1));
        Assert.Equal(2, scenario.Came(inFlight));
        Assert.All(waiting, publication => Assert.Equal(1, scenario.Came(publication)));
    }

    [Fact]
    public async Task What_it_had_in_flight_is_made_once_more_and_its_outcome_changes_nothing()
    {
        await using var scenario = await Scenario.StartAsync(report);
        var (a, _) = await scenario.StartTwoNodesAsync(optionsOfB: ["--Webhooks:Timeout", "00:00:20", "--Webhooks:LeaseDuration", "00:00:30"]);
        var answersToA = scenario.HoldAnswersTo("a");
        var answersToB = scenario.HoldAnswersTo("b");
        var published = await scenario.Publisher.PublishAsync(a);
        await Until.TrueAsync(() => scenario.Receiver.UnderWay == 1);

        await a.HaltAsync();
        await Until.TrueAsync(() => scenario.Receiver.UnderWay == 2);
        answersToA.SetResult();
        await Until.TrueAsync(() => scenario.Receiver.UnderWay == 1);
        a.Resume();

        // It comes back while the other one is at it: the delivery stays the other one's.
        await Until.TrueAsync(() => a.Output.Contains(TooLate, StringComparison.Ordinal), () => a.Output);
        Assert.Equal(1, await scenario.Store.ScalarAsync<long>("select count(*) from webhook_queue where claimed_at is not null and lease_seq = 2"));
        answersToB.SetResult();

        await scenario.EndsWithAsync(new Bounds(Incidents: 1, Duplicates: 1));
        Assert.Equal(2, scenario.Came(published));
        Assert.Equal(WebhookAttemptOutcome.Delivered, (await scenario.OutcomesAsync(published))[^1]);
    }

    [Fact]
    public async Task With_an_outcome_half_recorded_it_holds_up_nobody()
    {
        await using var scenario = await Scenario.StartAsync(report);
        var (a, b) = await scenario.StartTwoNodesAsync();
        var answers = scenario.HoldAnswersTo("a");
        var published = await scenario.Publisher.PublishAsync(a);
        await Until.TrueAsync(() => scenario.Receiver.UnderWay == 1);
        await using (var held = await scenario.Store.HoldAsync("select 1 from webhook_queue for update"))
        {
            answers.SetResult();
            await held.UntilWaitingAsync("a");
            await a.HaltAsync();
        }

        // While it is halted: what it had comes to its end, and so does what others publish for the same webhook.
        var other = await scenario.Publisher.PublishAsync(b);
        await Until.TrueAsync(async () => await FinishedAsync(scenario, published), () => "what the halted node had");
        await Until.TrueAsync(async () => await FinishedAsync(scenario, other), () => "what another node published");
        a.Resume();

        await scenario.EndsWithAsync(new Bounds(Incidents: 1, Duplicates: 1));
        Assert.Equal(1, scenario.Came(other));
    }

    [Fact]
    public async Task In_the_middle_of_changing_a_webhook_it_holds_up_nobody_and_finishes_later()
    {
        await using var scenario = await Scenario.StartAsync(report);
        var (a, b) = await scenario.StartTwoNodesAsync();
        Task registering;
        await using (var held = await scenario.Store.HoldAsync("select 1 from webhook_state for update"))
        {
            registering = scenario.RegisterAsync(a, "north");
            await held.UntilWaitingAsync("a");
            await a.HaltAsync();
        }

        // The halted one has the lock now.
        await scenario.RegisterAsync(b, "south");
        await scenario.Publisher.PublishAsync(b, "south");
        a.Resume();
        await registering;
        await scenario.Publisher.PublishAsync(b, "north");

        await scenario.EndsWithAsync(Bounds.ExactlyOnce);
        Assert.Equal(2, scenario.Receiver.Requests.Count);
        Assert.Equal(3, await scenario.Store.ScalarAsync<long>("select count(*) from webhooks"));
    }

    [Fact]
    public async Task In_the_midst_of_load_the_others_go_on_and_it_goes_on_afterwards()
    {
        const int AtOnce = 16;
        const int InFlight = 2 * AtOnce; // and as many successes that wait for their commit
        await using var scenario = await Scenario.StartAsync(report);
        var (a, b) = await scenario.StartTwoNodesAsync(["--Webhooks:Concurrency", $"{AtOnce}"]);
        using var enough = new CancellationTokenSource();
        var publishing = Task.WhenAll(scenario.Publisher.PublishManyAsync(a, 4, enough.Token), scenario.Publisher.PublishManyAsync(b, 2, enough.Token));
        await Until.TrueAsync(() => scenario.Publisher.Acknowledged > 500);

        await a.HaltAsync();
        var halted = TimeProvider.System.GetTimestamp();
        var last = new Publication(0, "", "b", "");
        while (TimeProvider.System.GetElapsedTime(halted) < Scenario.Lease)
        {
            last = await scenario.Publisher.PublishAsync(b);
            await Until.TrueAsync(async () => await FinishedAsync(scenario, last), () => $"{last}");
            await Task.Delay(TimeSpan.FromMilliseconds(100));
        }

        a.Resume();
        var before = scenario.Receiver.Requests.Count(request => request.Headers["X-Node"] == "a");
        await Until.TrueAsync(() => scenario.Receiver.Requests.Count(request => request.Headers["X-Node"] == "a") > before + 100);
        await enough.CancelAsync();
        await publishing;
        await scenario.EndsWithAsync(new Bounds(Incidents: 1, Duplicates: InFlight));
    }

    private static async Task<bool> FinishedAsync(Scenario scenario, Publication publication) =>
        await scenario.Store.ScalarAsync<long>(
            $"select count(*) from webhook_deliveries d join webhook_events e on e.id = d.event_id where e.uid = '{publication.EventId}'") == 1;
}
