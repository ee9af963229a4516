namespace Webhooks.Embedded.PostgreSql.Tests;

public sealed class PostgreSqlWatermarkTests
{
    private readonly PostgreSqlWatermark _watermark = new();

    [Fact]
    public void After_a_look_that_stepped_over_many_entries_the_next_ones_begin_where_the_queue_did()
    {
        _watermark.Looked([], now: 5000, isFull: true, entries: 200_000, TimeSpan.FromMinutes(1));

        Assert.Equal(4900, _watermark.From);
        Assert.InRange(_watermark.NextDueAt(5000)!.Value, 5001, 5000 + (50 * 60_000));
    }

    [Fact]
    public void A_look_that_was_slow_with_little_to_step_over_is_followed_by_one_that_sees_everything()
    {
        _watermark.Looked([], now: 5000, isFull: true, entries: 100, TimeSpan.FromMinutes(1));

        Assert.Null(_watermark.From);
        Assert.Null(_watermark.NextDueAt(5000));
    }
}
