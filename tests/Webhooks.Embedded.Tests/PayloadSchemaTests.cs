using System.ComponentModel;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Webhooks.Embedded.Tests;

public sealed class PayloadSchemaTests
{
    private enum Currency
    {
        Eur,
        Usd,
    }

    [Fact]
    public void A_schema_says_what_publishing_writes() => Assert.True(
        JsonNode.DeepEquals(
            JsonNode.Parse("""
                {
                  "type": "object",
                  "properties": {
                    "id": { "type": "integer" },
                    "total": { "description": "In the order's currency", "type": "number" },
                    "currency": { "type": "integer" },
                    "note": { "type": ["string", "null"] },
                    "paid_on": { "type": "string", "format": "date-time" },
                    "next": { "type": ["object", "null"], "properties": { "name": { "type": "string" } }, "required": ["name"] }
                  },
                  "required": ["id", "total", "currency", "note", "paid_on", "next"]
                }
                """),
            JsonNode.Parse(Schema(typeof(OrderPaid))!)),
        Schema(typeof(OrderPaid)));

    [Fact]
    public void A_type_that_refers_to_itself_has_a_schema() =>
        Assert.Contains("\"$ref\"", Schema(typeof(Folder)), StringComparison.Ordinal);

    [Theory]
    [InlineData(typeof(WithFaultyConverter))]
    [InlineData(typeof(Span<int>))]
    [InlineData(typeof(List<>))]
    public void A_type_that_cannot_be_JSON_has_no_schema_and_breaks_nothing(Type type) => Assert.Null(Schema(type));

    [Fact]
    public void A_trigger_without_a_type_has_no_schema() => Assert.Null(new WebhookTrigger { Name = "a" }.Schema);

    private static string? Schema(Type type) => new WebhookTrigger { Name = "a", PayloadType = type }.Schema;

    private sealed record OrderPaid(
        int Id,
        [property: Description("In the order's currency")] decimal Total,
        Currency Currency,
        string? Note,
        [property: JsonPropertyName("paid_on")] DateTimeOffset PaidOn,
        Customer? Next);

    private sealed record Customer(string Name);

    private sealed record Folder(string Name, IReadOnlyList<Folder> Folders);

    [JsonConverter(typeof(string))]
    private sealed record WithFaultyConverter(int Id);
}
