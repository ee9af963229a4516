using System.Text.Json;
using Webhooks.Embedded.AspNetCore.DocSpace;

namespace Webhooks.Embedded.AspNetCore.Tests.DocSpace;

public sealed class DocSpaceConfigRulesTests
{
    private static readonly DocSpaceTriggers Triggers = new([new WebhookTrigger { Name = "file.created", Number = 7 }]);

    private static readonly DocSpaceConfigBody Good = new() { Name = "a", Uri = "https://example.com/a", SecretKey = "secret-1", Triggers = JsonElement.Parse("128") };

    [Fact]
    public void What_is_missing_is_off_and_no_triggers_are_all()
    {
        var settings = Create(Good with { Triggers = null });
        Assert.False(settings.Enabled);
        Assert.False(settings.VerifyTls);
        Assert.Null(settings.Target);
        Assert.Equal(["*"], settings.Triggers);
        Assert.Equal("someone", settings.CreatedBy);
    }

    [Fact]
    public void Receivers_can_verify_as_they_did_with_DocSpace() => Assert.Equal("docspace", Create(Good).SignatureProfile);

    [Fact]
    public void What_is_given_is_taken()
    {
        var settings = Create(Good with { Enabled = true, Ssl = true, TargetId = "7" });
        Assert.True(settings.Enabled);
        Assert.True(settings.VerifyTls);
        Assert.Equal(("a", "https://example.com/a", "secret-1", "7"), (settings.Name, settings.Url, settings.Secret, settings.Target));
        Assert.Equal(["file.created"], settings.Triggers);
    }

    [Fact]
    public void Limits_are_met_at_their_edge_and_refused_beyond()
    {
        Create(Good with { Name = new('n', 50), TargetId = new('t', 255), SecretKey = new('s', 50) });
        Create(Good with { SecretKey = new('s', 8) });
        Refuses("name", Good with { Name = new('n', 51) });
        Refuses("targetId", Good with { TargetId = new('t', 256) });
        Refuses("secretKey", Good with { SecretKey = new('s', 51) });
        Refuses("secretKey", Good with { SecretKey = new('s', 7) });
    }

    [Theory]
    [InlineData("with space")]
    [InlineData("umläute-1")]
    [InlineData("tab\tin-it")]
    public void A_secret_is_printable_ascii_without_spaces(string secret) => Refuses("secretKey", Good with { SecretKey = secret });

    [Fact]
    public void Name_uri_and_secret_are_required()
    {
        Refuses("name", Good with { Name = " " });
        Refuses("name", Good with { Name = null });
        Refuses("uri", Good with { Uri = null });
        Refuses("secretKey", Good with { SecretKey = null });
        Refuses("secretKey", Good with { SecretKey = "" });
    }

    [Fact]
    public void Ssl_needs_https()
    {
        Refuses("ssl", Good with { Ssl = true, Uri = "http://example.com/a" });
        Create(Good with { Ssl = false, Uri = "http://example.com/a" });
    }

    [Fact]
    public void Everything_that_is_wrong_is_named_at_once()
    {
        var e = Assert.Throws<WebhookValidationException>(() => Create(new DocSpaceConfigBody { Triggers = JsonElement.Parse("64") }));
        Assert.Equal(["name", "secretKey", "triggers", "uri"], e.Errors.Select(error => error.Field).Order());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void A_change_without_a_secret_keeps_the_old_one(string? secret) =>
        Assert.Null(DocSpaceConfigRules.ForChange(Good with { SecretKey = secret }, Triggers, Current).Secret);

    [Fact]
    public void A_change_keeps_tenant_and_creator_and_replaces_the_rest()
    {
        var settings = DocSpaceConfigRules.ForChange(Good with { Name = "b" }, Triggers, Current);
        Assert.Equal(("acme", "somebody"), (settings.Tenant, settings.CreatedBy));
        Assert.Equal("b", settings.Name);
        Assert.False(settings.Enabled);
        Assert.Null(settings.Target);
    }

    private static readonly Webhook Current = DocSpaceRowsTests.Webhook with { Tenant = "acme", CreatedBy = "somebody", Target = "7" };

    private static WebhookSettings Create(DocSpaceConfigBody body) => DocSpaceConfigRules.ForCreate(body, Triggers, "someone");

    private static void Refuses(string field, DocSpaceConfigBody body) =>
        Assert.Equal(field, Assert.Single(Assert.Throws<WebhookValidationException>(() => Create(body)).Errors).Field);
}
