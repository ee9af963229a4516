using System.Text.Json;
using Webhooks.Embedded.AspNetCore.DocSpace;

namespace Webhooks.Embedded.AspNetCore.Tests.DocSpace;

public sealed class DocSpaceTriggersTests
{
    private static readonly DocSpaceTriggers Triggers = new(
    [
        new WebhookTrigger { Name = "user.created", Number = 0 },
        new WebhookTrigger { Name = "file.created", Number = 7 },
        new WebhookTrigger { Name = "file.deleted", Number = 8 },
        new WebhookTrigger { Name = "filed", Number = 52 },
    ]);

    [Fact]
    public void Lists_all_first_and_the_others_in_the_order_of_registration() => Assert.Equal(
        [new("*", 0, true), new("user.created", 1, true), new("file.created", 128, true), new("file.deleted", 256, true), new("filed", 1L << 52, true)],
        Triggers.List());

    [Theory]
    [InlineData(0, "*")]
    [InlineData(0, "user.created", "*")]
    [InlineData(1, "user.created")]
    [InlineData(384, "file.*")]
    [InlineData(385, "file.*", "user.created", "file.created")]
    [InlineData(1L << 52, "filed")]
    [InlineData(0, "gone.trigger")]
    public void Shows_patterns_as_the_bits_of_the_triggers_that_they_match(long mask, params string[] patterns) =>
        Assert.Equal(mask, Triggers.MaskOf(patterns));

    [Theory]
    [InlineData("0", "*")]
    [InlineData("\"0\"", "*")]
    [InlineData("\"*\"", "*")]
    [InlineData("1", "user.created")]
    [InlineData("129", "user.created", "file.created")]
    [InlineData("\"384\"", "file.created", "file.deleted")]
    [InlineData("4503599627370496", "filed")]
    [InlineData("[\"file.*\",\"user.created\"]", "file.*", "user.created")]
    [InlineData("[\"*\"]", "*")]
    [InlineData("\"user.created\"", "user.created")]
    public void Reads_a_number_its_text_a_star_or_names(string json, params string[] patterns)
    {
        Assert.True(Triggers.TryRead(Json(json), current: null, out var read, out _));
        Assert.Equal(patterns, read);
    }

    [Fact]
    public void Takes_nothing_at_all_for_all_triggers()
    {
        Assert.True(Triggers.TryRead(null, current: null, out var read, out _));
        Assert.Equal(["*"], read);
    }

    [Theory]
    [InlineData("2", "no trigger's id")]
    [InlineData("129.5", "array of trigger names")]
    [InlineData("-1", "no trigger's id")]
    [InlineData("1e30", "array of trigger names")]
    [InlineData("true", "array of trigger names")]
    [InlineData("[1]", "array of trigger names")]
    [InlineData("{}", "array of trigger names")]
    public void Refuses_what_is_no_choice_of_triggers(string json, string why)
    {
        Assert.False(Triggers.TryRead(Json(json), current: null, out _, out var fault));
        Assert.Contains(why, fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("384", "file.*")]
    [InlineData("\"384\"", "file.*")]
    [InlineData("0", "gone.trigger")]
    public void Keeps_the_patterns_when_a_client_sends_back_the_number_it_read(string json, string current)
    {
        Assert.True(Triggers.TryRead(Json(json), [current], out var read, out _));
        Assert.Equal([current], read);
    }

    [Fact]
    public void Replaces_the_patterns_when_the_number_is_another()
    {
        Assert.True(Triggers.TryRead(Json("128"), ["file.*"], out var read, out _));
        Assert.Equal(["file.created"], read);
    }

    [Fact]
    public void Knows_a_trigger_by_its_bit_and_only_by_exactly_that()
    {
        Assert.Equal("file.created", Triggers.NameOf(128));
        Assert.Null(Triggers.NameOf(129));
        Assert.Null(Triggers.NameOf(64));
        Assert.Equal(128, Triggers.IdOf("file.created"));
        Assert.Equal(0, Triggers.IdOf("gone.trigger"));
    }

    [Fact]
    public void Refuses_a_trigger_without_a_number_and_says_which_one_to_give_it()
    {
        var e = Assert.Throws<InvalidOperationException>(() => new DocSpaceTriggers(
            [new WebhookTrigger { Name = "order.created", Number = 0 }, new WebhookTrigger { Name = "order.paid" }]));
        Assert.Contains("'order.paid' has no number", e.Message, StringComparison.Ordinal);
        Assert.Contains("AddTrigger(\"order.paid\", number: 1)", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_two_triggers_with_one_number()
    {
        var e = Assert.Throws<InvalidOperationException>(() => new DocSpaceTriggers(
            [new WebhookTrigger { Name = "order.created", Number = 3 }, new WebhookTrigger { Name = "order.paid", Number = 3 }]));
        Assert.Contains("'order.paid' has the number 3 of 'order.created'", e.Message, StringComparison.Ordinal);
        Assert.Contains("AddTrigger(\"order.paid\", number: 0)", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_number_that_javascript_cannot_hold()
    {
        var e = Assert.Throws<InvalidOperationException>(() => new DocSpaceTriggers([new WebhookTrigger { Name = "order.paid", Number = 53 }]));
        Assert.Contains("not from 0 to 52", e.Message, StringComparison.Ordinal);
    }

    private static JsonElement Json(string text) => JsonElement.Parse(text);
}
