using System.Collections.Concurrent;
using System.Text;

namespace Webhooks.Embedded.EndToEndTests;

/// <summary>Publishes as fast as it gets answers, and remembers what was acknowledged: that, and only that, must never be lost.</summary>
internal sealed class ContinuousPublisher(string trigger, int workers)
{
    private readonly ConcurrentDictionary<Guid, string> _acknowledged = new();
    private int _number;

    /// <summary>The acknowledged events and their bodies.</summary>
    public IReadOnlyDictionary<Guid, string> Acknowledged => _acknowledged;

    /// <summary>Publishes until the process does not answer any more.</summary>
    public Task RunAsync(QuickStartClient client) => Task.WhenAll(Enumerable.Range(0, workers).Select(_ => PublishUntilGoneAsync(client)));

    private async Task PublishUntilGoneAsync(QuickStartClient client)
    {
        try
        {
            while (true)
            {
                var body = $$"""{ "number" : {{Interlocked.Increment(ref _number)}}, "text" : "ü" }""";
                _acknowledged[await client.PublishAsync(trigger, Encoding.UTF8.GetBytes(body))] = body;
            }
        }
        catch (HttpRequestException e) when (e.StatusCode is null)
        {
            // Killed in between. Whether this one is stored nobody was told, so nothing is promised for it.
        }
    }
}
