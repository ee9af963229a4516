using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Sqlite.Tests;

/// <summary>
/// Random walks of two nodes over one webhook, each step compared with a model that was written from the description alone: when it opens, for how long,
/// who may send how much, and that waiting uses up no attempt. The clock is the test's.
/// </summary>
public sealed class BreakerModelTests
{
    private const int Cap = 4;
    private const int Steps = 200;
    private const int GoodSteps = 40;

    public static TheoryData<int> Seeds => [1, 2, 3, 4, Random.Shared.Next(1000, 1_000_000)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task A_webhooks_breaker_does_what_the_model_does(int seed)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"Seed {seed}");
        var random = new Random(seed);
        await using var world = new BreakerNodes(options => options.ConcurrencyPerWebhook = Cap);
        await world.RegisterAsync();
        using var a = world.NewNode();
        using var b = world.NewNode();
        var model = new Model();
        var (mood, requests, unfinished) = (1.0, 0, 0);
        world.Receiver.Answer = () =>
        {
            var delivered = random.NextDouble() >= mood;
            (int Status, int? RetryAfter) answer = delivered ? (200, null) : model.Opened == 0 ? (500, null) : random.Next(8) switch
            {
                0 => (503, null),
                1 => (429, random.Next(3) switch { 0 => 0, 1 => 40, _ => 100_000 }),
                _ => (500, null),
            };
            model.Answered(world.Now, answer.Status, answer.RetryAfter);
            return answer;
        };

        for (var step = 0; step < Steps + GoodSteps; step++)
        {
            if (model.Opened > 0 && random.Next(12) == 0)
            {
                mood = random.Next(6) switch { 0 or 1 => 0.0, 2 => 0.05, 3 => 0.5, 4 => 0.92, _ => 1.0 };
            }

            int[] waits = [0, 50, 700, 1000, 20_000, 45_000, random.Next(20) == 0 ? 2_500_000 : 300];
            var (wait, published) = (waits[random.Next(waits.Length)], random.Next(4));
            if (step >= Steps)
            {
                // In the end all is well, and every pause is over.
                (mood, wait, published) = (0, 3_700_000, 5);
            }

            world.Time.Advance(TimeSpan.FromMilliseconds(wait));
            await world.PublishAsync(published);
            var most = Math.Min(unfinished + published, model.MayClaim(world.Now));

            await (random.Next(2) == 0 ? a : b).RoundAsync();

            // While it worked, the breaker may have opened, or the receiver have asked for time: then the rest was given back.
            var made = world.Receiver.Requests - requests;
            requests = world.Receiver.Requests;
            Assert.True(made == most || (made < most && model.IsHeldBack(world.Now)), $"Step {step}: {made} attempts, {most} expected, {model}");
            model.Follow(await world.CountersAsync(), step);
            var log = await world.LogAsync();
            Assert.Equal(requests, log.Sum(delivery => delivery.Attempts));
            unfinished = log.Count(delivery => delivery.FinishedAt is null);
        }

        Assert.True(model is { Opened: > 0, Closed: > 0 }, "The walk was of no use: the breaker never opened, or never closed.");
    }

    /// <summary>The description, told once more.</summary>
    private sealed class Model
    {
        private readonly List<(long At, bool Failed)> _window = [];
        private BreakerStatus _status;
        private int _inARow;
        private int _openings;
        private int _since;
        private int _atOnce;
        private long _windowAt = long.MinValue;
        private long _pausedFrom;
        private long? _pausedUntil;
        private (long Min, long Max)? _opensFor;
        private PauseReason? _reason;

        public int Opened { get; private set; }

        public int Closed { get; private set; }

        public bool IsHeldBack(long now) => _pausedUntil > now;

        public int MayClaim(long now) => IsHeldBack(now) ? 0 : _status switch
        {
            BreakerStatus.Closed => 2 * Cap,
            BreakerStatus.Recovering => _atOnce,
            _ => 1,
        };

        public void Answered(long now, int status, int? retryAfter)
        {
            var (failed, before) = (status != 200, _atOnce);
            if (now >= _windowAt + 300_000 || _windowAt == long.MinValue)
            {
                _windowAt = now;
                _window.Clear();
            }

            _window.Add((now, failed));
            _inARow = failed ? _inARow + 1 : 0;
            var enough = _inARow >= 10 || (_window.Count >= 20 && _window.Count(attempt => attempt.Failed) >= 0.9 * _window.Count);
            if (_status == BreakerStatus.Open)
            {
                // Nobody sends to it but by the turn, so this was the probe.
                if (failed)
                {
                    Open(now);
                }
                else
                {
                    (_status, _atOnce, _since, _pausedUntil, _reason) = (BreakerStatus.Recovering, 1, 0, null, null);
                    ForgetWindow();
                }
            }
            else if (failed && enough)
            {
                Open(now);
                Opened++;
            }
            else if (_status == BreakerStatus.Recovering)
            {
                _since += failed ? 0 : 1;
                if (failed && _atOnce > 1)
                {
                    (_atOnce, _since) = (_atOnce / 2, 0);
                }
                else if (!failed && _since >= 10)
                {
                    (_atOnce, _since) = (_atOnce * 2, 0);
                    if (_atOnce >= Cap)
                    {
                        (_status, _openings, _atOnce) = (BreakerStatus.Closed, 0, 0);
                        Closed++;
                        ForgetWindow();
                    }
                }
            }

            if (status is 429 or 503)
            {
                var seconds = retryAfter is { } asked ? Math.Clamp(asked, 1, 3600) : Math.Min(60, Math.Pow(2, Math.Min(_inARow, 20) - 1));
                Pause(now, (long)(seconds * 1000), isWrittenAnyway: _atOnce < before);
            }
            else if (!failed && _status == BreakerStatus.Closed && _reason == PauseReason.Receiver && _pausedUntil <= now)
            {
                (_pausedUntil, _reason) = (null, null);
            }
        }

        /// <summary>Compares, and takes over what is at random: for how long it opened.</summary>
        public void Follow(WebhookCounters row, int step)
        {
            var breaker = row.Breaker;
            if (_opensFor is var (min, max))
            {
                Assert.InRange(breaker.PausedUntil!.Value, min, max);
                _pausedUntil = breaker.PausedUntil;
                _reason = breaker.PauseReason;
                _opensFor = null;
            }

            Assert.Equal(
                $"step {step}: {_status}, {_openings} openings, {(_status == BreakerStatus.Recovering ? _atOnce : null)} at once, {_inARow} in a row, paused until {_pausedUntil} {_reason}",
                $"step {step}: {breaker.Status}, {breaker.Openings} openings, {breaker.SlowStart} at once, {row.Failures} in a row, paused until {breaker.PausedUntil} {breaker.PauseReason}");
            Assert.Equal((_inARow > 0), row.FailingSince is not null);
        }

        public override string ToString() => $"{_status}, paused until {_pausedUntil} since {_pausedFrom}";

        private void Open(long now)
        {
            if (_status != BreakerStatus.Open)
            {
                ForgetWindow();
            }

            _status = BreakerStatus.Open;
            _openings++;
            _since = 0;
            _atOnce = 0;
            var pause = Math.Min(600_000, 30_000 * Math.Pow(2, _openings - 1));
            var asked = _reason == PauseReason.Receiver ? _pausedUntil ?? 0 : 0;
            _opensFor = (Math.Max(asked, now + (long)(pause * 0.8)), Math.Max(asked, now + (long)(pause * 1.2)));
            (_pausedFrom, _pausedUntil, _reason) = (now, _opensFor.Value.Min, PauseReason.Breaker);
        }

        private void Pause(long now, long wait, bool isWrittenAnyway)
        {
            if (_opensFor is var (min, max))
            {
                // It opens for the longer of both.
                _opensFor = (Math.Max(min, now + wait), Math.Max(max, now + wait));
                _pausedUntil = _opensFor.Value.Min;
            }
            else if (_pausedUntil is not { } until || until <= now || now + wait > until + (isWrittenAnyway ? 0 : 1000))
            {
                (_pausedFrom, _pausedUntil, _reason, _since) = (now, now + wait, PauseReason.Receiver, 0);
            }
        }

        private void ForgetWindow()
        {
            _window.Clear();
            _windowAt = long.MinValue;
        }
    }
}
