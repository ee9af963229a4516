using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Tests.Storage;

public sealed class StoreClockTests
{
    private const long Hour = 3_600_000;

    private static long WallClock => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    [Fact]
    public void Without_a_reading_the_nodes_own_clock_is_all_there_is()
    {
        var clock = new StoreClock(TimeProvider.System, NullLogger<StoreClock>.Instance);

        Assert.InRange(clock.Now, WallClock - 60_000, WallClock + 60_000);
        clock.Follow(null);
        Assert.InRange(clock.Now, WallClock - 60_000, WallClock + 60_000);
    }

    [Theory]
    [InlineData(Hour)]
    [InlineData(-Hour)]
    public void A_node_whose_clock_is_an_hour_off_goes_by_the_clock_of_the_store(long offset)
    {
        var clock = new StoreClock(TimeProvider.System, NullLogger<StoreClock>.Instance);

        clock.Follow(Reading(WallClock + offset));

        Assert.InRange(clock.Now, WallClock + offset - 60_000, WallClock + offset + 60_000);
        Assert.InRange(clock.Skew, TimeSpan.FromMilliseconds(-offset - 60_000), TimeSpan.FromMilliseconds(-offset + 60_000));
    }

    [Fact]
    public void That_a_nodes_clock_is_wrong_is_said_once_and_again_when_it_is_right()
    {
        var logger = new EventNames();
        var clock = new StoreClock(TimeProvider.System, logger);

        clock.Follow(Reading(WallClock));
        clock.Follow(Reading(WallClock + Hour));
        clock.Follow(Reading(WallClock + Hour));
        clock.Follow(Reading(WallClock));

        Assert.Equal(["ClockSkewed", "ClockAgrees"], logger.Names);
    }

    [Fact]
    public void When_the_clock_of_the_store_jumps_the_node_follows()
    {
        var clock = new StoreClock(TimeProvider.System, NullLogger<StoreClock>.Instance);
        clock.Follow(Reading(WallClock));

        clock.Follow(Reading(WallClock + Hour, milliseconds: 900));

        Assert.InRange(clock.Now, WallClock + Hour - 60_000, WallClock + Hour + 60_000);
    }

    [Fact]
    public void A_vague_reading_that_contradicts_nothing_does_not_replace_an_exact_one()
    {
        var clock = new StoreClock(TimeProvider.System, NullLogger<StoreClock>.Instance);
        var exact = Reading(1_000_000_000_000);
        clock.Follow(exact);
        var before = clock.Now;

        // Asked now, answered after two seconds: the store's clock may be anywhere in between, and 900 ms off is no contradiction.
        clock.Follow(new ClockReading(exact.StoreTime + 1900, exact.Asked, exact.Asked + (2 * Stopwatch.Frequency)));

        Assert.InRange(clock.Now, before, before + 60_000);
        Assert.InRange(clock.Now - exact.StoreTime, 0, (long)Stopwatch.GetElapsedTime(exact.Asked).TotalMilliseconds + 1);
    }

    [Fact]
    public void A_host_with_a_clock_of_its_own_is_believed()
    {
        var time = new StoppedTime();
        var clock = new StoreClock(time, NullLogger<StoreClock>.Instance);

        clock.Follow(Reading(WallClock + Hour));

        Assert.Equal(time.GetUtcNow().ToUnixTimeMilliseconds(), clock.Now);
    }

    private sealed class EventNames : ILogger<StoreClock>
    {
        public List<string?> Names { get; } = [];

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Names.Add(eventId.Name);

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;
    }

    private sealed class StoppedTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    }

    private static ClockReading Reading(long storeTime, int milliseconds = 1)
    {
        var answered = Stopwatch.GetTimestamp();
        return new ClockReading(storeTime, answered - (milliseconds * Stopwatch.Frequency / 1000), answered);
    }
}
