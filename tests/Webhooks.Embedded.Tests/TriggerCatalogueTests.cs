namespace Webhooks.Embedded.Tests;

public sealed class TriggerCatalogueTests
{
    [Fact]
    public void A_trigger_is_found_by_name_and_by_payload_type()
    {
        var catalogue = new TriggerCatalogue([new() { Name = "a.b", PayloadType = typeof(string) }, new() { Name = "c.d" }]);

        Assert.Equal("c.d", catalogue.Find("c.d").Name);
        Assert.Equal("a.b", catalogue.Find(typeof(string)).Name);
        Assert.False(catalogue.TryFind("C.D", out _));
    }

    [Fact]
    public void An_unknown_trigger_is_refused_with_the_call_that_is_missing()
    {
        var refused = Assert.Throws<WebhookValidationException>(() => new TriggerCatalogue([]).Find("order.paid"));

        var error = Assert.Single(refused.Errors);
        Assert.Equal(("trigger", "unknown_trigger"), (error.Field, error.Code));
        Assert.Contains("AddTrigger(\"order.paid\")", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_payload_type_of_no_trigger_or_of_several_is_refused()
    {
        var catalogue = new TriggerCatalogue(
            [new() { Name = "a", PayloadType = typeof(string) }, new() { Name = "b", PayloadType = typeof(string) }]);

        Assert.Contains("a, b", Assert.Throws<WebhookValidationException>(() => catalogue.Find(typeof(string))).Message, StringComparison.Ordinal);
        Assert.Throws<WebhookValidationException>(() => catalogue.Find(typeof(int)));
    }

    [Fact]
    public void A_catalogue_with_a_fault_is_not_made()
    {
        Assert.Throws<InvalidOperationException>(() => new TriggerCatalogue([new() { Name = "a b" }]));
        Assert.Throws<InvalidOperationException>(() => new TriggerCatalogue([new() { Name = "a" }, new() { Name = "a" }]));
        Assert.Throws<InvalidOperationException>(() => new TriggerCatalogue([new() { Name = "a", Number = 53 }]));
        Assert.Throws<InvalidOperationException>(() => new TriggerCatalogue([new() { Name = "a", Number = -1 }]));
    }
}
