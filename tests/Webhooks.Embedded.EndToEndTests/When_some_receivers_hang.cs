using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;

namespace Webhooks.Embedded.EndToEndTests;

/// <summary>
/// Two hundred webhooks, of which some do not answer. What they hold and whom they hold up is asserted without a clock; how long the others' deliveries
/// take beside them, and without them, is measured in the same run and told.
/// </summary>
public sealed class When_some_receivers_hang(ITestOutputHelper output)
{
    private const int Webhooks = 200;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(20, true, 64)]
    [InlineData(20, false, 64)]
    [InlineData(100, false, 128)]
    public async Task The_others_wait_for_none_of_their_timeouts(int hanging, bool fromTheStart, int mostHeld)
    {
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var receiver = await Receiver.StartAsync();
        var hangs = fromTheStart;
        receiver.Script = request => Volatile.Read(ref hangs) && int.Parse(request.Webhook) <= hanging ? new Answer(200) { Until = end.Task } : new Answer(200);
        await using var app = await WebhooksApp.StartAsync(options => options.Timeout = TimeSpan.FromSeconds(50));
        for (var i = 1; i <= Webhooks; i++)
        {
            await app.Registry.CreateAsync(
                new WebhookSettings { Name = $"{i}", Url = receiver.UrlFor($"{i}"), Triggers = ["*"], Target = $"{i}", Secret = Receiver.Secret }, Cancellation);
        }

        if (!fromTheStart)
        {
            await PublishAsync(app, 1, Webhooks);
            await Until.TrueAsync(() => receiver.Requests.Count(request => request.Status == 200) == Webhooks);
            Volatile.Write(ref hangs, true);
        }

        // A burst for those that hang, and then events for the others, three times.
        for (var i = 0; i < 10; i++)
        {
            await PublishAsync(app, 1, hanging);
        }

        var before = receiver.Requests.Count(request => int.Parse(request.Webhook) > hanging);
        for (var i = 0; i < 3; i++)
        {
            await PublishAsync(app, hanging + 1, Webhooks - hanging);
        }

        var held = 0;
        await Until.TrueAsync(
            () =>
            {
                held = Math.Max(held, receiver.Requests.Count(request => int.Parse(request.Webhook) <= hanging && request.Status == 0));
                return receiver.Requests.Count(request => int.Parse(request.Webhook) > hanging && request.Status == 200) == before + (3 * (Webhooks - hanging));
            },
            () => $"{receiver.Requests.Count} requests, {receiver.UnderWay} under way");

        // None of those that hang has come to its end, so nobody waited for it.
        Assert.Empty((await app.Deliveries.ListAsync(new WebhookDeliveryQuery { Statuses = [WebhookDeliveryStatus.Retrying] }, Cancellation)).Items);
        Assert.InRange(held, hanging / 2, mostHeld);
        output.WriteLine($"{hanging} of {Webhooks} hang: they held {held} of 256 attempts.");
        end.SetResult();
    }

    [Fact]
    public async Task Deliveries_take_no_longer_beside_them_as_is_told_and_not_asserted()
    {
        const int Hanging = Webhooks / 10;
        const int Pairs = 7;
        var arrivals = new ConcurrentDictionary<string, long>();
        var hang = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var receiver = await Receiver.StartAsync();
        receiver.Script = request =>
        {
            if (int.Parse(request.Webhook) <= Hanging)
            {
                return new Answer(200) { Until = hang.Task };
            }

            arrivals.TryAdd(request.Text, Stopwatch.GetTimestamp());
            return new Answer(200);
        };
        await using var app = await WebhooksApp.StartAsync(options =>
        {
            options.Timeout = TimeSpan.FromSeconds(2);
            options.Retry.Delays = [TimeSpan.FromHours(1)];
        });
        for (var i = 1; i <= Webhooks; i++)
        {
            await app.Registry.CreateAsync(
                new WebhookSettings { Name = $"{i}", Url = receiver.UrlFor($"{i}"), Triggers = ["*"], Target = $"{i}", Secret = Receiver.Secret }, Cancellation);
        }

        await PublishAsync(app, Hanging + 1, Webhooks - Hanging);
        var ratios = new List<(double Median, double P95)>();
        for (var pair = 0; pair < Pairs; pair++)
        {
            // Alternately first: whatever else the machine does meets both.
            var clean = pair % 2 == 0 ? await MeasureAsync(withHanging: false) : [];
            var beside = await MeasureAsync(withHanging: true);
            clean = clean.Length == 0 ? await MeasureAsync(withHanging: false) : clean;
            ratios.Add((At(beside, 0.5) / At(clean, 0.5), At(beside, 0.95) / At(clean, 0.95)));
            output.WriteLine(
                $"clean: median {At(clean, 0.5):0.00} ms, p95 {At(clean, 0.95):0.00} ms; beside {Hanging} of {Webhooks} that hang: "
                + $"{At(beside, 0.5):0.00} ms, {At(beside, 0.95):0.00} ms; ratio {ratios[^1].Median:0.00}, {ratios[^1].P95:0.00}");
        }

        output.WriteLine(
            $"Median of {Pairs} ratios: {At([.. ratios.Select(ratio => ratio.Median).Order()], 0.5):0.00} of the medians, "
            + $"{At([.. ratios.Select(ratio => ratio.P95).Order()], 0.5):0.00} of the 95th percentiles.");
        hang.SetResult();

        async Task<double[]> MeasureAsync(bool withHanging)
        {
            var sent = new Dictionary<string, long>();
            for (var i = 0; i < 150; i++)
            {
                var target = Hanging + 1 + Random.Shared.Next(Webhooks - Hanging);
                var text = $$"""{"n":"{{Guid.NewGuid()}}"}""";
                sent.Add(text, Stopwatch.GetTimestamp());
                await app.Publisher.PublishJsonAsync("order.created", Encoding.UTF8.GetBytes(text), new PublishOptions { Target = $"{target}" }, Cancellation);
                if (i % 3 == 0)
                {
                    // The same load in either case: for one of those that hang, or for one more that does not.
                    await PublishAsync(app, (withHanging ? 1 : Hanging + 1) + (i / 3 % Hanging), 1);
                }

                await Task.Delay(4, Cancellation);
            }

            await Until.TrueAsync(() => sent.Keys.All(arrivals.ContainsKey));
            return [.. sent.Select(one => Stopwatch.GetElapsedTime(one.Value, arrivals[one.Key]).TotalMilliseconds).Order()];
        }
    }

    private static double At(double[] sorted, double part) => sorted[(int)(part * (sorted.Length - 1))];

    private static Task PublishAsync(WebhooksApp app, int from, int count) => Task.WhenAll(
        Enumerable.Range(from, count).Select(i => app.Publisher.PublishAsync("order.created", new { }, new PublishOptions { Target = $"{i}" }, Cancellation)));
}
