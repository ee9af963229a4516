namespace Webhooks.Embedded.EndToEndTests.SeveralNodes;

/// <summary>The nodes' system clocks are really wrong: a library between the process and the kernel changes what time it is told.</summary>
public sealed class When_clocks_differ(ITestOutputHelper report)
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task By_two_hours_the_nodes_agree_on_leases_on_retries_and_on_the_time_in_requests()
    {
        await using var scenario = await Scenario.StartAsync(report);
        var start = TimeProvider.System.GetUtcNow();
        var ahead = await scenario.LaunchNodeAsync("ahead", port: null, WrongBy("+1h"), "--Webhooks:Concurrency", "16");
        var behind = await scenario.LaunchNodeAsync("behind", port: null, WrongBy("-1h"), "--Webhooks:Concurrency", "16");
        await ahead.UntilReadyAsync();
        await behind.UntilReadyAsync();
        await scenario.RegisterAsync(behind);

        // Each first attempt fails, so that what one node took another one may take next.
        scenario.Receiver.Script = request => new Answer(
            scenario.Receiver.Requests.Count(other => other.Id == request.Id) == 1 ? 500 : 200, TimeSpan.FromMilliseconds(100));
        await scenario.Publisher.PublishManyAsync([ahead, behind], count: 300, workers: 8);

        await scenario.EndsWithAsync(Bounds.ExactlyOnce);
        Assert.Equal(600, scenario.Receiver.Requests.Count);
        await AssertTimesAreRightAsync(scenario, start);
    }

    [Theory]
    [InlineData("+1h", "-1h")]
    [InlineData("-1h", "+1h")]
    public async Task What_a_dead_node_had_is_taken_when_its_leases_end_and_not_before(string clockOfTheDead, string clockOfTheOther)
    {
        await using var scenario = await Scenario.StartAsync(report);
        var start = TimeProvider.System.GetUtcNow();
        var dead = await scenario.LaunchNodeAsync("dead", port: null, WrongBy(clockOfTheDead));
        var other = await scenario.LaunchNodeAsync("other", port: null, WrongBy(clockOfTheOther));
        await dead.UntilReadyAsync();
        await other.UntilReadyAsync();
        await scenario.RegisterAsync(other);
        scenario.HoldAnswersTo("dead");

        var leasedAt = TimeProvider.System.GetTimestamp();
        var published = await scenario.Publisher.PublishAsync(dead);
        await Until.TrueAsync(() => scenario.Receiver.UnderWay == 1);
        await dead.KillAsync();
        await Until.TrueAsync(() => scenario.Came(published) == 2);

        Assert.InRange(TimeProvider.System.GetElapsedTime(leasedAt), Scenario.Lease - TimeSpan.FromSeconds(1), Scenario.Lease + Tolerance);
        await scenario.EndsWithAsync(new Bounds(Incidents: 1, Duplicates: 1));
        await AssertTimesAreRightAsync(scenario, start);
    }

    [Theory]
    [InlineData("+1h")]
    [InlineData("-1h")]
    public async Task A_receiver_that_names_the_time_of_the_next_attempt_gets_it_then(string clock)
    {
        var wait = TimeSpan.FromSeconds(3);
        await using var scenario = await Scenario.StartAsync(report);
        var node = await scenario.LaunchNodeAsync("a", port: null, WrongBy(clock));
        await node.UntilReadyAsync();
        await scenario.RegisterAsync(node);
        scenario.Receiver.Script = request => scenario.Receiver.Requests.Count == 1
            ? new Answer(503) { RetryAfter = $"{request.At + wait:r}" }
            : new Answer(200);

        await scenario.Publisher.PublishAsync(node);

        await scenario.EndsWithAsync(Bounds.ExactlyOnce);
        var times = scenario.Receiver.Requests.Select(request => request.At).ToArray();
        Assert.InRange(times[1] - times[0], wait - TimeSpan.FromSeconds(1.1), wait + Tolerance);
    }

    private static async Task AssertTimesAreRightAsync(Scenario scenario, DateTimeOffset start)
    {
        var (from, to) = ((start - Tolerance).ToUnixTimeMilliseconds(), (TimeProvider.System.GetUtcNow() + Tolerance).ToUnixTimeMilliseconds());
        var times = await StoreContent.ReadAsync(scenario.Store);
        Assert.All(times.Attempts.SelectMany(attempts => attempts), attempt => Assert.InRange(attempt.StartedAt, from, to));
        Assert.Equal(0, await scenario.Store.ScalarAsync<long>(
            $"""
            select (select count(*) from webhook_events where created_at not between {from} and {to})
                 + (select count(*) from webhook_deliveries where created_at not between {from} and {to} or finished_at not between {from} and {to})
                 + (select count(*) from webhooks where created_at not between {from} and {to} or last_success_at not between {from} and {to})
                 + (select count(*) from webhook_migrations where applied_at not between {from} and {to})
            """));
    }

    // Only the time of day is changed. Elapsed time is measured as it passes, as in a real process with a wrong clock.
    private static Dictionary<string, string> WrongBy(string offset)
    {
        var library = Directory.Exists("/usr/lib")
            ? Directory.EnumerateFiles("/usr/lib", "libfaketime.so.1", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2 }).FirstOrDefault()
            : null;
        Assert.SkipWhen(library is null, "libfaketime is not installed (Debian and Ubuntu: apt-get install faketime).");
        return new()
        {
            ["LD_PRELOAD"] = library,
            ["FAKETIME"] = offset,
            ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
            ["FAKETIME_FORCE_MONOTONIC_FIX"] = "0",
        };
    }
}
