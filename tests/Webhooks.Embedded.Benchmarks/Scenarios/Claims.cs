using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Benchmarks.Scenarios;

/// <summary>Claims as the dispatcher makes them, one after the other, without anything being sent.</summary>
internal static class Claims
{
    public const int Size = 100;

    /// <summary>The median time of a claim in milliseconds. The first ones warm up.</summary>
    public static async Task<double> MedianAsync(IServiceProvider services, int claims, int maxPerWebhook)
    {
        var dialect = services.GetRequiredService<SqlDialect>();
        var clock = services.GetRequiredService<StoreClock>();
        var times = new List<double>();
        var claimed = new HashSet<long>();
        var after = 0L;
        for (var i = 0; i < claims; i++)
        {
            var started = Stopwatch.GetTimestamp();
            var now = clock.Now;
            var request = new ClaimRequest(Size, maxPerWebhook, after, new Dictionary<long, int>(), now, now + 3_600_000, started);
            var result = await dialect.ClaimAsync(request, CancellationToken.None);
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            after = result.LastWebhookId;
            claimed.UnionWith(result.Deliveries.Select(delivery => delivery.Id));
            if (claimed.Count != (i + 1) * Size)
            {
                throw new LostOrDoubledException($"Claim {i + 1} brought {result.Deliveries.Count} deliveries instead of {Size}, or some of them a second time.");
            }
        }

        double[] counted = [.. times.Skip(times.Count / 5).Order()];
        return counted[counted.Length / 2];
    }
}
