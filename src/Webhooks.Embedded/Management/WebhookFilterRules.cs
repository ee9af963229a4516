using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Management;

/// <summary>What filters on payloads must be.</summary>
internal static class WebhookFilterRules
{
    private const string Field = "filters";
    private const int MaxFilters = 10;

    public static IEnumerable<WebhookFieldError> Check(IReadOnlyList<WebhookFilter>? filters)
    {
        if (filters is null or [])
        {
            return [];
        }

        if (filters.Count > MaxFilters)
        {
            return [new(Field, "too_many", $"There are {filters.Count} filters; at most {MaxFilters} are allowed.")];
        }

        var doubled = filters.Where(filter => filter?.Path is not null).GroupBy(filter => filter.Path, StringComparer.Ordinal).Where(path => path.Count() > 1);
        return
        [
            .. filters.SelectMany(Check),
            .. doubled.Select(path => new WebhookFieldError(
                Field, "doubled_path", $"Several filters have the path '{path.Key}'. All filters must match, and a payload has one value there.")),
        ];
    }

    private static IEnumerable<WebhookFieldError> Check(WebhookFilter? filter)
    {
        if (filter?.Path is not { } path || path.Length > WebhookFilter.MaxLength || path.Split('.').Any(string.IsNullOrWhiteSpace) || !StoredText.IsStorable(path))
        {
            yield return new(
                Field, "invalid_path", $"A path is names of members with dots between, such as customer.country, of at most {WebhookFilter.MaxLength} characters.");
        }

        if (filter is { Value: null })
        {
            yield return new(Field, "required", $"The filter of '{filter.Path}' has no value.");
        }
        else if (filter is { Value.Length: > WebhookFilter.MaxLength })
        {
            yield return new(Field, "too_long", $"The value of '{filter.Path}' has {filter.Value.Length} characters; at most {WebhookFilter.MaxLength} are allowed.");
        }
        else if (filter is not null && !StoredText.IsStorable(filter.Value))
        {
            yield return new(Field, "invalid_character", $"The value of '{filter.Path}' holds U+0000, or half of a surrogate pair.");
        }
    }
}
