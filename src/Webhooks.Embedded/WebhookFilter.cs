namespace Webhooks.Embedded;

/// <summary>A value that an event's payload must have.</summary>
/// <param name="Path">Names of members from the payload's root on, with dots between: <c>customer.country</c>. At most 255 characters.</param>
/// <param name="Value">
/// What a text there must be, exactly; of a number or a boolean, how it is written. At most 255 characters. Where there is nothing, null, an
/// object or an array, the filter does not match.
/// </param>
public sealed record WebhookFilter(string Path, string Value)
{
    internal const int MaxLength = 255;
}
