namespace Webhooks.Embedded.Tests;

public sealed class TriggerPatternTests
{
    [Theory]
    [InlineData("order")]
    [InlineData("order.paid")]
    [InlineData("Order.Paid_2")]
    [InlineData("a.b.c.d.e")]
    public void Segments_of_letters_digits_and_underscores_make_a_name(string name) => Assert.True(TriggerPattern.IsName(name));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("..")]
    [InlineData(".a")]
    [InlineData("a.")]
    [InlineData("a..b")]
    [InlineData("a b")]
    [InlineData("a\nb")]
    [InlineData("ä")]
    [InlineData("*")]
    [InlineData("a.*")]
    [InlineData("a-b")]
    [InlineData(null)]
    public void Anything_else_is_no_name(string? name) => Assert.False(TriggerPattern.IsName(name));

    [Fact]
    public void A_name_has_at_most_128_characters()
    {
        Assert.True(TriggerPattern.IsName(new string('a', 128)));
        Assert.False(TriggerPattern.IsName(new string('a', 129)));
    }

    [Theory]
    [InlineData("*", true)]
    [InlineData("order.*", true)]
    [InlineData("order.paid", true)]
    [InlineData("order.item.*", true)]
    [InlineData(".*", false)]
    [InlineData("**", false)]
    [InlineData("*.paid", false)]
    [InlineData("a.*.b", false)]
    [InlineData("a.*.*", false)]
    [InlineData("order*", false)]
    public void A_pattern_is_a_name_a_prefix_or_everything(string pattern, bool isPattern) =>
        Assert.Equal(isPattern, TriggerPattern.IsPattern(pattern));

    [Theory]
    [InlineData("*", "order.paid", true)]
    [InlineData("order.*", "order.paid", true)]
    [InlineData("order.*", "order.item.added", true)]
    [InlineData("order.*", "orders.paid", false)]
    [InlineData("order.*", "order", false)]
    [InlineData("order.paid", "order.paid", true)]
    [InlineData("order.paid", "order.paid.twice", false)]
    [InlineData("order.paid", "Order.Paid", false)]
    public void A_prefix_matches_whole_segments(string pattern, string trigger, bool matches) =>
        Assert.Equal(matches, TriggerPattern.Matches(pattern, trigger));
}
