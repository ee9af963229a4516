namespace Webhooks.Embedded.EndToEndTests.SeveralNodes;

/// <summary>
/// Node <c>a</c> of two is killed at each checkpoint of an event's way: held there by a lock of the test's own, or by the receiver. What it
/// had begun in the database is ended too, so that nothing goes on without it, but where the test wants that.
/// </summary>
public sealed class When_a_node_is_killed(ITestOutputHelper report)
{
    private const string RowsOfTheQueue = "select 1 from webhook_queue for update";

    [Fact]
    public async Task K1_before_an_event_is_committed_it_never_was()
    {
        await using var scenario = await Scenario.StartAsync(report);
        var (a, b) = await scenario.StartTwoNodesAsync();
        Publication cut;
        await using (var held = await scenario.Store.HoldAsync("lock table webhook_events in exclusive mode"))
        {
            var publishing = scenario.Publisher.PublishAsync(a);
            await held.UntilWaitingAsync("a");
            await KillAsync(scenario, a);
            cut = await publishing;
        }

        await scenario.Publisher.PublishAsync(b);

        await scenario.EndsWithAsync(Bounds.ExactlyOnce);
        Assert.Equal(PublicationOutcome.Gone, cut.Outcome);
        Assert.Equal(1, await scenario.Store.ScalarAsync<long>("select count(*) from webhook_events"));
        Assert.Single(scenario.Receiver.Requests);
    }

    [Fact]
    public async Task K2_after_an_event_is_committed_another_node_delivers_it_once()
    {
        await using var scenario = await Scenario.StartAsync(report);
        var (a, _) = await scenario.StartTwoNodesAsync(["--Webhooks:Concurrency", "1"]);
        scenario.HoldAnswersTo("a");
        var inFlight = await scenario.Publisher.PublishAsync(a);
        await Until.TrueAsync(() => scenario.Receiver.UnderWay == 1);

        var stored = await scenario.Publisher.PublishAsync(a);
        await KillAsync(scenario, a);

        await scenario.EndsWithAsync(new Bounds(Incidents: 1, Duplicates: 1));
        Assert.Equal(PublicationOutcome.Ok, stored.Outcome);
        Assert.Equal((2, 1), (scenario.Came(inFlight), scenario.Came(stored)));
        await AssertInterruptedOnceAsync(scenario, stored);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("a key of the caller's")]
    public async Task K3_when_the_answer_to_a_commit_is_lost_the_event_is_there_once_and_so_is_said(string? key)
    {
        await using var scenario = await Scenario.StartAsync(report);
        await using var proxy = new TcpProxy(scenario.Store.Server.Port);
        var a = await scenario.LaunchNodeAsync("a", proxy.Port, environment: null);
        await scenario.StartNodeAsync("b");
        await a.UntilReadyAsync();
        await scenario.RegisterAsync(a);
        await scenario.Store.ExecuteAsync(
            """
            create function wait_at_commit() returns trigger language plpgsql as 'begin perform pg_advisory_xact_lock_shared(42); return null; end';
            create constraint trigger wait_at_commit after insert on webhook_events deferrable initially deferred for each row execute function wait_at_commit();
            """);

        Task<Publication> publishing;
        await using (var held = await scenario.Store.HoldAsync("select pg_advisory_xact_lock(42)"))
        {
            publishing = scenario.Publisher.PublishAsync(a, key: key);
            await held.UntilWaitingAsync("a");
            proxy.SwallowsAnswers = true;
        }

        await Until.TrueAsync(async () => await scenario.Store.ScalarAsync<long>("select count(*) from webhook_events") == 1);
        await proxy.CutAsync();
        proxy.SwallowsAnswers = false;

        var published = await publishing;
        await scenario.EndsWithAsync(Bounds.ExactlyOnce);
        Assert.True(published.Outcome == PublicationOutcome.Ok, $"{published}");
        Assert.Equal(1, scenario.Came(published));
    }

    [Fact]
    public async Task K4_after_a_claim_and_before_the_request_another_node_makes_it_once()
    {
        await using var scenario = await Scenario.StartAsync(report);
        var (a, b) = await scenario.StartTwoNodesAsync(["--Webhooks:Concurrency", "1"]);
        var publishing = await scenario.StartNodeAsync("publishing", "--Node:Dispatcher", "false");
        scenario.HoldAnswersTo("a");

        // Halted, so that it is the other one that claims.
        await b.HaltAsync();
        var events = await Task.WhenAll(scenario.Publisher.PublishAsync(publishing), scenario.Publisher.PublishAsync(publishing));
        await Until.TrueAsync(
            async () => scenario.Receiver.UnderWay == 1
                && await scenario.Store.ScalarAsync<long>("select count(*) from webhook_queue where claimed_at is not null") == events.Length);
        var begun = scenario.Receiver.Requests.Select(request => request.Id).Distinct().ToArray();
        await KillAsync(scenario, a);
        b.Resume();

        await scenario.EndsWithAsync(new Bounds(Incidents: 1, Duplicates: 1));
        var claimed = Assert.Single(events, e => !begun.Contains(e.EventId!.Value));
        Assert.Equal(1, scenario.Came(claimed));
        await AssertInterruptedOnceAsync(scenario, claimed);
    }

    [Fact]
    public async Task K5_in_the_middle_of_a_request_another_node_makes_it_again_as_a_whole()
    {
        const int Size = 8 * 1024 * 1024;
        await using var scenario = await Scenario.StartAsync(report);
        var (a, _) = await scenario.StartTwoNodesAsync();
        var half = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var killed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        scenario.Receiver.BeforeBody = async request =>
        {
            if (request.Headers["X-Node"] == "a")
            {
                await request.Body.ReadExactlyAsync(new byte[Size / 2], request.HttpContext.RequestAborted);
                half.SetResult();

                // Reads no more until the sender is gone, and then finds that the rest will never come.
                await killed.Task;
            }
        };

        var published = await scenario.Publisher.PublishAsync(a, size: Size);
        await half.Task;
        await KillAsync(scenario, a);
        killed.SetResult();

        await scenario.EndsWithAsync(Bounds.ExactlyOnce);
        Assert.Equal(1, scenario.Came(published));
        await AssertInterruptedOnceAsync(scenario, published);
    }

    [Fact]
    public async Task K6_before_the_answer_comes_the_request_is_made_once_more()
    {
        await using var scenario = await Scenario.StartAsync(report);
        var (a, _) = await scenario.StartTwoNodesAsync();
        scenario.HoldAnswersTo("a");

        var published = await scenario.Publisher.PublishAsync(a);
        await Until.TrueAsync(() => scenario.Receiver.UnderWay == 1);
        await KillAsync(scenario, a);

        await scenario.EndsWithAsync(new Bounds(Incidents: 1, Duplicates: 1));
        Assert.Equal(2, scenario.Came(published));
        await AssertInterruptedOnceAsync(scenario, published);
    }

    [Fact]
    public async Task K7_after_the_answer_and_before_its_outcome_is_committed_the_request_is_made_once_more()
    {
        await using var scenario = await Scenario.StartAsync(report);
        var (a, _) = await scenario.StartTwoNodesAsync();
        var answers = scenario.HoldAnswersTo("a");

        var published = await scenario.Publisher.PublishAsync(a);
        await Until.TrueAsync(() => scenario.Receiver.UnderWay == 1);
        await using (var held = await scenario.Store.HoldAsync(RowsOfTheQueue))
        {
            answers.SetResult();
            await held.UntilWaitingAsync("a");
            await KillAsync(scenario, a);
        }

        await scenario.EndsWithAsync(new Bounds(Incidents: 1, Duplicates: 1));
        Assert.Equal([200, 200], scenario.Receiver.Requests.Select(request => request.Status));
        await AssertInterruptedOnceAsync(scenario, published);
    }

    [Fact]
    public async Task K7b_when_the_outcome_of_a_dead_node_is_committed_after_all_nothing_is_made_twice_that_is_recorded()
    {
        await using var scenario = await Scenario.StartAsync(report);
        var (a, _) = await scenario.StartTwoNodesAsync();
        var answers = scenario.HoldAnswersTo("a");

        await scenario.Publisher.PublishAsync(a);
        await Until.TrueAsync(() => scenario.Receiver.UnderWay == 1);
        await using (var held = await scenario.Store.HoldAsync(RowsOfTheQueue))
        {
            answers.SetResult();
            await held.UntilWaitingAsync("a");
            await a.KillAsync();
        }

        await scenario.EndsWithAsync(new Bounds(Incidents: 1, Duplicates: 1));
    }

    [Fact]
    public async Task K8_in_the_middle_of_batches_nothing_is_lost_and_no_more_comes_twice_than_was_in_flight()
    {
        const int AtOnce = 64;
        const int InFlight = 2 * AtOnce; // and as many successes that wait for their commit
        const int Kills = 2;
        string[] options = ["--Webhooks:Concurrency", $"{AtOnce}", "--Webhooks:ConcurrencyPerWebhook", $"{AtOnce}"];
        await using var scenario = await Scenario.StartAsync(report);
        var (a, b) = await scenario.StartTwoNodesAsync(options);
        scenario.Receiver.Script = _ => new Answer(200, TimeSpan.FromMilliseconds(20));
        using var enough = new CancellationTokenSource();
        var publishing = scenario.Publisher.PublishManyAsync(b, workers: 2, enough.Token);
        for (var kill = 1; kill <= Kills; kill++)
        {
            var before = scenario.Publisher.Acknowledged;
            var publishingHere = scenario.Publisher.PublishManyAsync(a, workers: 16, enough.Token);
            await Until.TrueAsync(() => scenario.Publisher.Acknowledged > before + 1_000 && scenario.Receiver.UnderWay >= AtOnce / 2);
            await Task.Delay(Random.Shared.Next(50));
            await a.KillAsync();
            await publishingHere;
            if (kill < Kills)
            {
                a = await scenario.StartNodeAsync("a", options);
            }
        }

        await enough.CancelAsync();
        await publishing;
        await scenario.EndsWithAsync(new Bounds(Incidents: Kills, Duplicates: Kills * InFlight));
    }

    private static async Task KillAsync(Scenario scenario, Node node)
    {
        await node.KillAsync();
        await scenario.Store.EndConnectionsAsync(node.Name);
    }

    private static async Task AssertInterruptedOnceAsync(Scenario scenario, Publication publication) =>
        Assert.Equal([WebhookAttemptOutcome.Interrupted, WebhookAttemptOutcome.Delivered], await scenario.OutcomesAsync(publication));
}
