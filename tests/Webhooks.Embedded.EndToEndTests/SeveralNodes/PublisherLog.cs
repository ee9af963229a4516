using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Webhooks.Embedded.EndToEndTests.SeveralNodes;

/// <summary>
/// Publishes, and writes down what was tried and what came of it. It lives in the test's process, which no scenario kills, and writes down
/// before it tries.
/// </summary>
internal sealed class PublisherLog
{
    private readonly ConcurrentDictionary<int, Publication> _publications = new();
    private int _number;

    public ICollection<Publication> Publications => _publications.Values;

    public int Acknowledged => Publications.Count(publication => publication.Outcome == PublicationOutcome.Ok);

    /// <summary>The number of the publication that a body is of.</summary>
    public static int NumberIn(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        reader.Read();
        reader.Read();
        reader.Read();
        return reader.GetInt32();
    }

    /// <summary>Publishes one event through a node.</summary>
    public Task<Publication> PublishAsync(Node node, string tenant = "", string? key = null, int size = 0) =>
        TryAsync(node, tenant, isOrder: false, size, commit: true, body => node.PublishAsync(tenant, body, key));

    /// <summary>Publishes one event in a transaction with an order of the app, which is committed or not.</summary>
    public Task<Publication> OrderAsync(Node node, bool commit = true) =>
        TryAsync(node, tenant: "", isOrder: true, size: 0, commit, body => node.OrderAsync(commit, body));

    /// <summary>Publishes through a node until it does not answer any more or the test has enough.</summary>
    public Task PublishManyAsync(Node node, int workers, CancellationToken enough, string tenant = "") =>
        Task.WhenAll(Enumerable.Range(0, workers).Select(async _ =>
        {
            while (!enough.IsCancellationRequested && (await PublishAsync(node, tenant)).Outcome != PublicationOutcome.Gone)
            {
                // The next one.
            }
        }));

    /// <summary>Publishes a number of events through nodes in turn.</summary>
    public Task PublishManyAsync(IReadOnlyList<Node> nodes, int count, int workers, string tenant = "")
    {
        var left = count;
        return Task.WhenAll(Enumerable.Range(0, workers).Select(async worker =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                await PublishAsync(nodes[worker % nodes.Count], tenant);
            }
        }));
    }

    private async Task<Publication> TryAsync(
        Node node, string tenant, bool isOrder, int size, bool commit, Func<byte[], Task<(HttpStatusCode Status, string Text)>> publish)
    {
        // Spaces and escapes, so that whoever writes the JSON anew is found out.
        var number = Interlocked.Increment(ref _number);
        var body = Encoding.UTF8.GetBytes($$"""{ "number" : {{number}}, "text" : "ü\u00fc{{new string('x', size)}}" }""");
        var publication = new Publication(number, tenant, node.Name, Convert.ToHexString(SHA256.HashData(body))) { IsOrder = isOrder, IsRolledBack = !commit };
        _publications[number] = publication;
        try
        {
            var (status, text) = await publish(body);
            (publication.EventId, publication.Outcome) = status switch
            {
                HttpStatusCode.OK => (Guid.Parse(text), commit ? PublicationOutcome.Ok : PublicationOutcome.RolledBack),
                HttpStatusCode.ServiceUnavailable => ((Guid?)null, PublicationOutcome.StoreFailed),
                _ => (null, PublicationOutcome.Untyped),
            };
            publication.Error = status == HttpStatusCode.OK ? null : text;
        }
        catch (HttpRequestException exception)
        {
            // Killed in between. Whether this one is stored nobody was told.
            publication.Error = exception.Message;
            publication.Outcome = PublicationOutcome.Gone;
        }
        catch (OperationCanceledException exception)
        {
            publication.Error = exception.Message;
            publication.Outcome = PublicationOutcome.NoAnswer;
        }

        return publication;
    }
}

/// <summary>One event that was to be published.</summary>
internal sealed class Publication(int number, string tenant, string node, string bodyHash)
{
    public int Number { get; } = number;

    public string Tenant { get; } = tenant;

    public string Node { get; } = node;

    /// <summary>Whether it was published in a transaction of the app.</summary>
    public bool IsOrder { get; init; }

    /// <summary>Whether its transaction was to be rolled back, whatever became of the node that was told so.</summary>
    public bool IsRolledBack { get; init; }

    /// <summary>SHA-256 of the bytes.</summary>
    public string BodyHash { get; } = bodyHash;

    public PublicationOutcome Outcome { get; set; }

    public Guid? EventId { get; set; }

    public string? Error { get; set; }

    public override string ToString() => $"publication {Number} through {Node} ({Outcome}, event {EventId}, {Error})";
}

internal enum PublicationOutcome
{
    /// <summary>Begun, and nothing heard yet.</summary>
    Invoked,

    /// <summary>The node said that it is stored.</summary>
    Ok,

    /// <summary>Published in a transaction of the app that was rolled back.</summary>
    RolledBack,

    /// <summary>The library's own exception: the store failed, and the event may or may not be stored.</summary>
    StoreFailed,

    /// <summary>Another exception than the library's own reached the app.</summary>
    Untyped,

    /// <summary>The node did not answer any more.</summary>
    Gone,

    /// <summary>The node was there and did not answer in time.</summary>
    NoAnswer,
}
