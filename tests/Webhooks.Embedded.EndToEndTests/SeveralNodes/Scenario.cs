using System.Collections.Concurrent;
using System.Diagnostics;

namespace Webhooks.Embedded.EndToEndTests.SeveralNodes;

/// <summary>Several nodes on one database, a receiver, and a publisher. It ends with what the checker says.</summary>
internal sealed class Scenario : IAsyncDisposable
{
    /// <summary>How long an attempt may take.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2.5);

    /// <summary>As short as the timeout allows, since what a dead node had waits for its end.</summary>
    public static readonly TimeSpan Lease = Timeout + TimeSpan.FromSeconds(5);

    private const int LastLines = 40;

    private readonly ITestOutputHelper _report;
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly ConcurrentQueue<Node> _nodes = new();
    private readonly ConcurrentDictionary<long, string> _webhooks = new();

    private Scenario(ITestOutputHelper report, SharedStore store, Receiver receiver)
    {
        _report = report;
        Store = store;
        Receiver = receiver;
    }

    public SharedStore Store { get; }

    public Receiver Receiver { get; }

    public PublisherLog Publisher { get; } = new();

    public static async Task<Scenario> StartAsync(ITestOutputHelper report)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signals that halt a process, and no PostgreSQL of Debian's.");
        return new Scenario(report, await SharedStore.CreateAsync(), await Receiver.StartAsync());
    }

    /// <summary>Starts a node with a short lease and waits until it is up.</summary>
    public async Task<Node> StartNodeAsync(string name, params string[] options)
    {
        var node = await LaunchNodeAsync(name, options);
        await node.UntilReadyAsync();
        return node;
    }

    /// <summary>Starts two nodes, <c>a</c> and <c>b</c>, with the webhook of the tenant without a name.</summary>
    /// <param name="optionsOfA">Further arguments of the one that gets into trouble.</param>
    /// <param name="optionsOfB">Further arguments of the other one.</param>
    public async Task<(Node A, Node B)> StartTwoNodesAsync(string[]? optionsOfA = null, string[]? optionsOfB = null)
    {
        var a = await LaunchNodeAsync("a", optionsOfA ?? []);
        var b = await LaunchNodeAsync("b", optionsOfB ?? []);
        await a.UntilReadyAsync();
        await b.UntilReadyAsync();
        await RegisterAsync(a);
        return (a, b);
    }

    /// <summary>Starts a node without waiting for it.</summary>
    public Task<Node> LaunchNodeAsync(string name, params string[] options) => LaunchNodeAsync(name, port: null, environment: null, options);

    /// <param name="name">Its name.</param>
    /// <param name="port">Where it connects to instead of the server.</param>
    /// <param name="environment">What is set for it.</param>
    /// <param name="options">Further arguments, which have the last word.</param>
    public async Task<Node> LaunchNodeAsync(string name, int? port, IReadOnlyDictionary<string, string>? environment, params string[] options)
    {
        string[] all =
        [
            "--Webhooks:Timeout", $"{Timeout}",
            "--Webhooks:LeaseDuration", $"{Lease}",
            "--Webhooks:PollInterval", "00:00:00.250",
            "--Webhooks:Retry:Delays:0", "00:00:00.2", "--Webhooks:Retry:Delays:1", "00:00:00.5", "--Webhooks:Retry:Delays:2", "00:00:01",
            "--Webhooks:MaxPayloadBytes", "16777216",

            // Receivers fail here on purpose, many times in a row; the breaker has tests of its own.
            "--Webhooks:Breaker:Failures", "0",
            .. options,
        ];
        var node = await Node.LaunchAsync(name, Store.ConnectionStringOf(name, port), environment, all);
        _nodes.Enqueue(node);
        return node;
    }

    /// <summary>Registers the webhook of a tenant through a node.</summary>
    /// <returns>Its number.</returns>
    public async Task<long> RegisterAsync(Node node, string tenant = "")
    {
        var id = await node.RegisterAsync(tenant, tenant.Length == 0 ? Receiver.Url : Receiver.UrlFor(tenant));
        _webhooks[id] = tenant;
        return id;
    }

    /// <summary>Lets the receiver answer a node only when the test says so, and others at once.</summary>
    public TaskCompletionSource HoldAnswersTo(string node)
    {
        var answers = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var others = Receiver.Script;
        Receiver.Script = request => request.Headers["X-Node"] == node ? new Answer(200) { Until = answers.Task } : others(request);
        return answers;
    }

    /// <summary>How many requests came for an event.</summary>
    public int Came(Publication publication) => Receiver.Requests.Count(request => request.Id == publication.EventId);

    /// <summary>The outcomes of the attempts of an event's one delivery, the first one first.</summary>
    public async Task<IReadOnlyList<WebhookAttemptOutcome>> OutcomesAsync(Publication publication)
    {
        var store = await StoreContent.ReadAsync(Store);
        var delivery = store.Deliveries.Single(delivery => delivery.EventId == publication.EventId);
        return [.. store.Attempts[delivery.Id].Select(attempt => (WebhookAttemptOutcome)attempt.Outcome)];
    }

    /// <summary>Waits until everything is delivered, and asserts what must hold whatever happened.</summary>
    public async Task EndsWithAsync(Bounds bounds)
    {
        await Until.TrueAsync(
            async () => await Store.ScalarAsync<long>("select count(*) from webhook_queue") == 0 && Receiver.UnderWay == 0,
            () => $"{Publisher.Acknowledged} acknowledged, {Receiver.Requests.Count} requests\n{LastWords()}");

        // A node that lost a lease may still be about to record what it knows.
        await Task.Delay(TimeSpan.FromMilliseconds(300));
        var content = await StoreContent.ReadAsync(Store);
        var checker = new Checker([.. Publisher.Publications], _webhooks, Receiver.Requests, content);
        var violations = checker.Check(bounds).ToList();
        violations.AddRange(_nodes.Where(node => node.HasEndedByItself).Select(node => $"I9: node {node.Name} ended by itself"));

        var attempts = content.Deliveries.SelectMany(delivery => content.Attempts[delivery.Id]).ToArray();
        _report.WriteLine(
            $"{TestContext.Current.TestMethod?.MethodName}: {Publisher.Publications.Count} published, {Publisher.Acknowledged} acknowledged, "
            + $"{content.Events.Count} stored, {Receiver.Requests.Count} requests, {checker.Lost} lost, {checker.Duplicates} twice (at most {bounds.Duplicates}), "
            + $"{attempts.Count(attempt => attempt.IsInterrupted)} interrupted, {_watch.Elapsed.TotalSeconds:F1} s; requests by node: "
            + string.Join(", ", Receiver.Requests.CountBy(request => request.Headers["X-Node"].ToString()).Select(node => $"{node.Key} {node.Value}")));
        Assert.True(violations.Count == 0, $"{violations.Count} violations:\n{string.Join('\n', violations.Take(20))}\n{LastWords()}");
    }

    public async ValueTask DisposeAsync()
    {
        // Shown where the test has failed.
        _report.WriteLine(LastWords());
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        await Receiver.DisposeAsync();
    }

    private string LastWords() => string.Join(
        '\n', _nodes.Select(node => $"--- {node.Name}\n{string.Join('\n', node.Output.Split('\n').TakeLast(LastLines))}"));
}
