using System.Text.Json;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Tests.Storage;

public sealed class StoredQueryTests
{
    private static readonly string[] OfThePage = ["Cursor", "Offset", "Limit", "IncludePayload"];

    public static TheoryData<string> Filters => [.. typeof(WebhookDeliveryQuery).GetProperties().Select(property => property.Name).Except(OfThePage)];

    [Theory]
    [MemberData(nameof(Filters))]
    public void Every_filter_comes_back_as_it_was_stored(string name)
    {
        var property = typeof(WebhookDeliveryQuery).GetProperty(name)!;
        var query = new WebhookDeliveryQuery();
        property.SetValue(query, Some(property.PropertyType));

        var read = StoredQuery.Read(StoredQuery.Write(query));

        Assert.Equal(property.GetValue(query), property.GetValue(read));
        Assert.False(StoredQuery.IsUnfiltered(query));
        property.SetValue(read, property.GetValue(query));
        Assert.Equal(StoredQuery.OnlyFilters(query), StoredQuery.OnlyFilters(read));
    }

    [Fact]
    public void A_page_is_not_stored_and_filters_nothing()
    {
        var page = new WebhookDeliveryQuery { Cursor = "7", Offset = 3, Limit = 9, IncludePayload = true, Ids = new List<long>() };

        Assert.True(StoredQuery.IsUnfiltered(page));
        Assert.Equal(new WebhookDeliveryQuery(), StoredQuery.OnlyFilters(page));
        Assert.Equal(50, StoredQuery.Read(StoredQuery.Write(page)).Limit);
    }

    [Fact]
    public void A_filter_that_this_version_does_not_know_is_shown_without_it_and_never_acted_by()
    {
        const string ofANewerNode = """{"webhookId":7,"colour":"red"}""";

        Assert.Equal(7, StoredQuery.Read(ofANewerNode).WebhookId);
        Assert.Throws<JsonException>(() => StoredQuery.ReadToAct(ofANewerNode));
        Assert.Equal(7, StoredQuery.ReadToAct("""{"webhookId":7}""").WebhookId);
    }

    // Whatever type a new filter has: if it is none of these, say here what a value of it is.
    private static object Some(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type == typeof(string) ? "some \"text\""
            : type == typeof(long) ? 7L
            : type == typeof(int) ? 8
            : type == typeof(bool) ? true
            : type == typeof(Guid) ? Guid.Parse("01890a5d-ac96-774b-bcce-b302099a8057")
            : type == typeof(DateTimeOffset) ? new DateTimeOffset(2026, 1, 2, 3, 4, 5, 6, TimeSpan.FromHours(2))
            : type == typeof(WebhookAnswers) ? WebhookAnswers.Failed
            : type == typeof(IReadOnlyCollection<long>) ? new long[] { 3, 4 }
            : type == typeof(IReadOnlyCollection<Guid>) ? new[] { Guid.Parse("01890a5d-ac96-774b-bcce-b302099a8057") }
            : type == typeof(IReadOnlyCollection<WebhookDeliveryStatus>) ? new[] { WebhookDeliveryStatus.Parked, WebhookDeliveryStatus.Exhausted }
            : type.IsEnum ? Enum.GetValues(type).GetValue(1)!
            : type.IsGenericType && type.GetGenericArguments()[0] is { IsEnum: true } item ? ArrayOf(item)
            : throw new NotSupportedException($"{type}");
    }

    private static Array ArrayOf(Type item)
    {
        var array = Array.CreateInstance(item, 1);
        array.SetValue(Enum.GetValues(item).GetValue(1), 0);
        return array;
    }
}
