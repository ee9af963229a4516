using Webhooks.Embedded.Dispatching;

namespace Webhooks.Embedded.Tests.Dispatching;

public sealed class RetryScheduleTests
{
    private static readonly WebhookRetryOptions Default = new();

    [Fact]
    public void The_default_is_the_ten_steps_of_standard_webhooks()
    {
        var delays = Enumerable.Range(1, 9).Select(attempts => RetrySchedule.Next(Default, attempts, null, 0.5)!.Value).ToArray();

        Assert.Equal(
            ["00:00:05", "00:05:00", "00:30:00", "02:00:00", "05:00:00", "10:00:00", "14:00:00", "20:00:00", "1.00:00:00"],
            delays.Select(delay => delay.ToString()));
        Assert.Null(RetrySchedule.Next(Default, 10, null, 0.5));
        Assert.Null(RetrySchedule.Next(Default, 11, null, 0.5));
    }

    [Theory]
    [InlineData(0.0, 4.0)]
    [InlineData(0.5, 5.0)]
    [InlineData(1.0, 6.0)]
    public void Jitter_moves_a_delay_by_a_fifth_at_most(double random, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), RetrySchedule.Next(Default, 1, null, random));

    [Fact]
    public void A_receiver_can_ask_for_a_longer_wait_and_not_for_a_shorter_one()
    {
        Assert.Equal(TimeSpan.FromSeconds(90), RetrySchedule.Next(Default, 1, TimeSpan.FromSeconds(90), 0.5));
        Assert.Equal(TimeSpan.FromSeconds(5), RetrySchedule.Next(Default, 1, TimeSpan.FromSeconds(1), 0.5));
    }

    [Fact]
    public void A_receiver_can_ask_for_an_hour_at_most()
    {
        Assert.Equal(TimeSpan.FromHours(1), RetrySchedule.Next(Default, 1, TimeSpan.FromDays(365), 0.5));
        Assert.Equal(TimeSpan.FromHours(24), RetrySchedule.Next(Default, 9, TimeSpan.FromDays(365), 0.5));
    }

    [Fact]
    public void Without_delays_there_is_one_attempt() =>
        Assert.Null(RetrySchedule.Next(new WebhookRetryOptions { Delays = [] }, 1, null, 0.5));
}
