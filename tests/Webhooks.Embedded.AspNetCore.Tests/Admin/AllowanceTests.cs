using Webhooks.Embedded.AspNetCore.Admin;

namespace Webhooks.Embedded.AspNetCore.Tests.Admin;

public sealed class AllowanceTests
{
    private const int Most = 10;

    private readonly SteppedTime _time = new();

    [Fact]
    public void Ten_tests_within_any_minute_and_then_one_for_each_that_is_a_minute_ago()
    {
        var allowance = new Allowance<long>(Most, _time);
        for (var i = 0; i < Most; i++)
        {
            Assert.True(allowance.TryTake(1, out _));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.False(allowance.TryTake(1, out var wait));
        Assert.Equal(TimeSpan.FromSeconds(50), wait);
        Assert.True(allowance.TryTake(2, out _));

        _time.Advance(wait);
        Assert.True(allowance.TryTake(1, out _));
        Assert.False(allowance.TryTake(1, out wait));
        Assert.Equal(TimeSpan.FromSeconds(1), wait);
    }

    [Fact]
    public void However_many_webhooks_are_tested_none_is_forgotten_within_its_minute()
    {
        var allowance = new Allowance<long>(Most, _time);
        for (var webhook = 1; webhook <= 3000; webhook++)
        {
            for (var i = 0; i < Most; i++)
            {
                Assert.True(allowance.TryTake(webhook, out _));
            }
        }

        Assert.False(allowance.TryTake(1, out _));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(allowance.TryTake(1, out _));
    }

    private sealed class SteppedTime : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(TimeSpan time) => _ticks += time.Ticks;
    }
}
