using System.Diagnostics.CodeAnalysis;

namespace Webhooks.Embedded;

/// <summary>The triggers that the host registered. A name that is registered twice, or is no name, stops the start.</summary>
internal sealed class TriggerCatalogue : IWebhookTriggers
{
    private readonly Dictionary<string, WebhookTrigger> _byName = new(StringComparer.Ordinal);
    private readonly ILookup<Type, WebhookTrigger> _byPayloadType;

    public TriggerCatalogue(IEnumerable<WebhookTrigger> triggers)
    {
        All = [.. triggers];
        foreach (var trigger in All)
        {
            Add(trigger);
        }

        _byPayloadType = All.Where(trigger => trigger.PayloadType is not null).ToLookup(trigger => trigger.PayloadType!);
    }

    public IReadOnlyList<WebhookTrigger> All { get; }

    public bool TryFind(string name, [NotNullWhen(true)] out WebhookTrigger? trigger) => _byName.TryGetValue(name, out trigger);

    /// <summary>The trigger of that name.</summary>
    /// <exception cref="WebhookValidationException">It is not in the catalogue.</exception>
    public WebhookTrigger Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return TryFind(name, out var trigger)
            ? trigger
            : throw new WebhookValidationException(
                "trigger", "unknown_trigger", $"'{name}' is not in the catalogue of triggers. Register it with AddTrigger(\"{name}\").");
    }

    /// <summary>The one trigger with that payload type.</summary>
    /// <exception cref="WebhookValidationException">There is none, or there are several.</exception>
    public WebhookTrigger Find(Type payloadType)
    {
        var triggers = _byPayloadType[payloadType].ToArray();
        return triggers switch
        {
            [var trigger] => trigger,
            [] => throw new WebhookValidationException(
                "trigger", "unknown_trigger",
                $"No trigger has the payload type {payloadType.Name}. Register it with AddTrigger<{payloadType.Name}>(\"…\")."),
            _ => throw new WebhookValidationException(
                "trigger", "ambiguous_trigger",
                $"Several triggers have the payload type {payloadType.Name}: {string.Join(", ", triggers.Select(t => t.Name))}. Publish by name."),
        };
    }

    private void Add(WebhookTrigger trigger)
    {
        if (!TriggerPattern.IsName(trigger.Name))
        {
            throw new InvalidOperationException(
                $"AddTrigger(\"{trigger.Name}\"): a trigger's name is made of segments of letters, digits and _, with dots between, "
                + $"at most {TriggerPattern.MaxLength} characters in all, such as order.paid.");
        }

        if (trigger.Number is < 0 or > 52)
        {
            throw new InvalidOperationException($"AddTrigger(\"{trigger.Name}\"): the number {trigger.Number} is not from 0 to 52.");
        }

        if (!_byName.TryAdd(trigger.Name, trigger))
        {
            throw new InvalidOperationException($"AddTrigger(\"{trigger.Name}\") is called twice. Register each trigger once.");
        }
    }
}
