using System.Diagnostics;
using System.Globalization;

namespace Webhooks.Embedded.Benchmarks.Receiving;

/// <summary>What came in, and how long after it was published. Both processes read one monotonic clock, that of the machine.</summary>
internal sealed class Arrivals
{
    private readonly Lock _gate = new();
    private readonly HashSet<(int Webhook, Guid Id)> _deliveries = [];
    private readonly List<long> _latencies = [];
    private long _requests;

    public void Add(int webhook, Guid id, long publishedAt, long now)
    {
        lock (_gate)
        {
            _requests++;
            if (_deliveries.Add((webhook, id)) && publishedAt > 0)
            {
                _latencies.Add(now - publishedAt);
            }
        }
    }

    public string Answer(string question)
    {
        lock (_gate)
        {
            if (question == "reset")
            {
                _requests = 0;
                _deliveries.Clear();
                _latencies.Clear();
            }

            _latencies.Sort();
            return string.Create(CultureInfo.InvariantCulture, $"{_requests} {_deliveries.Count} {Microseconds(0.5)} {Microseconds(0.99)}");
        }
    }

    private long Microseconds(double quantile) => _latencies.Count == 0
        ? 0
        : _latencies[(int)(quantile * (_latencies.Count - 1))] * 1_000_000 / Stopwatch.Frequency;
}
