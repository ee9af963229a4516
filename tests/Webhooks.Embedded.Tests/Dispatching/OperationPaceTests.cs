using Webhooks.Embedded.Dispatching;

namespace Webhooks.Embedded.Tests.Dispatching;

public sealed class OperationPaceTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 1)]
    [InlineData(50, 10)]
    [InlineData(500, 100)]
    [InlineData(10_000, 100)]
    public void A_step_takes_a_fifth_of_a_second_and_a_hundred_at_most(int rate, int size) =>
        Assert.Equal(size, OperationPace.StepSize(rate));

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(50)]
    [InlineData(777)]
    [InlineData(10_000)]
    public void The_rate_is_kept_and_never_exceeded(int rate)
    {
        const int Seconds = 60;
        const long WorkMs = 1;
        var (now, next, seen) = (0L, 0L, 0L);
        while (now < Seconds * 1000)
        {
            // One more step than the time allows can have begun.
            Assert.True(seen * 1000 <= (now * rate) + (OperationPace.StepSize(rate) * 1000L));
            seen += OperationPace.StepSize(rate);
            next = OperationPace.Next(next, now + WorkMs, OperationPace.StepSize(rate), rate);
            now = Math.Max(next, now + WorkMs);
        }

        Assert.InRange(seen, (long)(Seconds * rate * 0.9), (Seconds * rate) + OperationPace.StepSize(rate));
    }

    [Fact]
    public void A_step_that_came_late_does_not_move_those_after_it() => Assert.Equal(1200, OperationPace.Next(1000, 1050, 10, 50));

    [Fact]
    public void What_was_missed_for_long_is_not_made_up_for() => Assert.Equal(60_000, OperationPace.Next(1000, 60_000, 10, 50));

    [Fact]
    public void A_share_is_rounded_up() => Assert.Equal(334, OperationPace.Next(0, 0, 1, 3));
}
