using System.Diagnostics.CodeAnalysis;

namespace Webhooks.Embedded;

/// <summary>The host's catalogue of triggers, made with <c>AddTrigger</c>.</summary>
public interface IWebhookTriggers
{
    /// <summary>Every trigger, in the order of registration.</summary>
    IReadOnlyList<WebhookTrigger> All { get; }

    /// <summary>Finds a trigger by its name, which is case-sensitive.</summary>
    bool TryFind(string name, [NotNullWhen(true)] out WebhookTrigger? trigger);
}

/// <summary>A dotted event type of the host's catalogue.</summary>
public sealed record WebhookTrigger
{
    /// <summary>The name, such as <c>order.paid</c>: segments of letters, digits and <c>_</c>, at most 128 characters in all.</summary>
    public required string Name { get; init; }

    /// <summary>What it says to people.</summary>
    public string? Description { get; init; }

    /// <summary>The type of its payloads, where the host named one.</summary>
    public Type? PayloadType { get; init; }

    /// <summary>
    /// The bit, 0 to 52, that stands for the trigger where triggers are a number (DocSpace-shaped API). Clients keep such numbers,
    /// so a number once given must not be given to another trigger.
    /// </summary>
    public int? Number { get; init; }

    /// <summary>A payload as it may look, for people who write receivers: JSON.</summary>
    /// <value>Default: null, there is none. At most <see cref="WebhooksOptions.MaxPayloadBytes"/>, or the app does not start.</value>
    public string? Example { get; init; }

    /// <summary>
    /// The JSON schema of the payloads, from <see cref="PayloadType"/> as publishing writes it. Null where no type was named, or where it has
    /// no schema, such as one with members that cannot be JSON.
    /// </summary>
    public string? Schema => PayloadType is null ? null : PayloadSchema.Of(PayloadType);

    /// <summary>Name and number alone: examples and schemas are long.</summary>
    public override string ToString() => $"{nameof(WebhookTrigger)} {{ Name = {Name}, Number = {Number} }}";
}
