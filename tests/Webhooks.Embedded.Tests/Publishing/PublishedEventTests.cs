namespace Webhooks.Embedded.Tests.Publishing;

public sealed class PublishedEventTests
{
    private static readonly PublishedEvent Plain = new(Guid.CreateVersion7(), 2, IsDuplicate: false);

    [Fact]
    public void What_Notify_does_is_no_part_of_the_value()
    {
        var withAction = Plain with { AfterCommit = () => { } };

        Assert.Equal(Plain, withAction);
        Assert.Equal(Plain.GetHashCode(), withAction.GetHashCode());
        Assert.Equal(Plain.ToString(), withAction.ToString());
        Assert.NotEqual(Plain, Plain with { Deliveries = 3 });
        Assert.NotEqual(Plain, Plain with { IsDuplicate = true });
        Assert.NotEqual(Plain, Plain with { Id = Guid.Empty });
        Assert.Equal(System.Text.Json.JsonSerializer.Serialize(Plain), System.Text.Json.JsonSerializer.Serialize(withAction));
    }

    [Fact]
    public void A_changed_copy_still_notifies()
    {
        var notified = 0;
        var copy = Plain with { AfterCommit = () => notified++ } with { Deliveries = 5 };

        copy.Notify();

        Assert.Equal(1, notified);
    }

    [Fact]
    public void Notify_does_nothing_where_nobody_waits_for_it() => Plain.Notify();
}
