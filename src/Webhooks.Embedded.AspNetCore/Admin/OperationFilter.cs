using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Webhooks.Embedded.AspNetCore.Admin;

/// <summary>
/// The filter of an operation as JSON: the members are the query parameters of the list of deliveries, with the same meaning. One line a member.
/// </summary>
internal static class OperationFilter
{
    private static readonly Member[] Members =
    [
        new("webhook", static (list, value) => list.Webhook = Text(value), static query => Text(query.WebhookUid?.ToString()) ?? Number(query.WebhookId)),
        new("status", static (list, value) => list.Status = Texts(value), static query => Names(query.Statuses)),
        new("trigger", static (list, value) => list.Trigger = Text(value), static query => Text(query.Trigger)),
        new("tenant", static (list, value) => list.Tenant = Text(value), static query => Text(query.Tenant)),
        new("event", static (list, value) => list.Event = Text(value), static query => Text(query.EventId?.ToString())),
        new("answer", static (list, value) => list.Answer = Texts(value), static query => Names(AnswersOf(query.Answers))),
        new("statusCode", static (list, value) => list.StatusCode = Text(value), static query => Number(query.StatusCode)),
        new("outcome", static (list, value) => list.Outcome = Texts(value), static query => Names(query.Outcomes)),
        new("attemptsFrom", static (list, value) => list.AttemptsFrom = Text(value), static query => Number(query.AttemptsFrom)),
        new("attemptsTo", static (list, value) => list.AttemptsTo = Text(value), static query => Number(query.AttemptsTo)),
        new("createdFrom", static (list, value) => list.CreatedFrom = Text(value), static query => Time(query.CreatedFrom)),
        new("createdTo", static (list, value) => list.CreatedTo = Text(value), static query => Time(query.CreatedTo)),
        new("attemptedFrom", static (list, value) => list.AttemptedFrom = Text(value), static query => Time(query.AttemptedFrom)),
        new("attemptedTo", static (list, value) => list.AttemptedTo = Text(value), static query => Time(query.AttemptedTo)),
    ];

    /// <summary>Reads the member <c>filter</c> of a body. What is wrong is named as <c>filter.status</c> and the like.</summary>
    public static WebhookDeliveryQuery Read(IReadOnlyDictionary<string, JsonElement> filter, WebhookScope scope)
    {
        var parameters = new DeliveryListParameters();
        var faults = new List<WebhookFieldError>();
        foreach (var (name, value) in filter)
        {
            if (Array.Find(Members, member => member.Name == name) is not { } member)
            {
                faults.Add(new(name, "unknown_member", $"There is no such filter. Known: {string.Join(", ", Members.Select(known => known.Name))}."));
            }
            else if (!member.TryRead(parameters, value))
            {
                faults.Add(new(name, "wrong_type", "Must be a string, or a list of strings where the query parameter may be repeated."));
            }
        }

        try
        {
            return faults.Count == 0
                ? parameters.ToQuery(scope)
                : throw new WebhookValidationException(faults);
        }
        catch (WebhookValidationException exception)
        {
            // The same words as for the list, and where in this body it is.
            throw new WebhookValidationException([.. exception.Errors.Select(error => error with { Field = $"filter.{Shortened(error.Field)}" })]);
        }
    }

    /// <summary>The filter as a body would give it.</summary>
    public static JsonObject Of(WebhookDeliveryQuery query)
    {
        var filter = new JsonObject();
        foreach (var member in Members)
        {
            if (member.Write(query) is { } value)
            {
                filter.Add(member.Name, value);
            }
        }

        return filter;
    }

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetRawText(),
        _ => throw new InvalidOperationException("Neither a string nor a number."),
    };

    private static string[] Texts(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(Text)] : [Text(value)];

    private static JsonValue? Text(string? value) => value is null ? null : JsonValue.Create(value);

    private static JsonValue? Number(long? value) => value is { } number ? JsonValue.Create(number) : null;

    private static JsonValue? Time(DateTimeOffset? value) =>
        value is { } time ? JsonValue.Create(time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)) : null;

    private static JsonArray? Names<T>(IReadOnlyCollection<T> values)
        where T : struct, Enum =>
        values.Count == 0 ? null : new JsonArray([.. values.Select(value => Text(JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString())))]);

    // The classes alone: what stands for several of them is not said again.
    private static WebhookAnswers[] AnswersOf(WebhookAnswers answers) =>
        [.. Enum.GetValues<WebhookAnswers>().Where(one => int.PopCount((int)one) == 1 && answers.HasFlag(one))];

    private static string Shortened(string name) => name.Length <= 64 ? name : $"{name[..64]}…";

    private sealed record Member(string Name, Action<DeliveryListParameters, JsonElement> Read, Func<WebhookDeliveryQuery, JsonNode?> Write)
    {
        public bool TryRead(DeliveryListParameters parameters, JsonElement value)
        {
            try
            {
                Read(parameters, value);
                return true;
            }
            catch (InvalidOperationException)
            {
                // Another kind of value, or half a surrogate pair.
                return false;
            }
        }
    }
}
