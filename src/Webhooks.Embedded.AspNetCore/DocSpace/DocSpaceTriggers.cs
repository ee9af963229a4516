using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;

namespace Webhooks.Embedded.AspNetCore.DocSpace;

/// <summary>The catalogue as DocSpace's clients know it: each trigger is one bit of a number, and 0 stands for all of them.</summary>
internal sealed class DocSpaceTriggers
{
    public const long All = 0;

    private const string AllPattern = "*";
    private const string PrefixSuffix = ".*";

    // Clients are written in JavaScript too, where whole numbers are exact up to 2^53.
    private const int MaxNumber = 52;

    private readonly List<(string Name, long Id)> _triggers = [];

    /// <summary>Numbers the catalogue.</summary>
    /// <exception cref="InvalidOperationException">A trigger has no number of its own.</exception>
    public DocSpaceTriggers(IReadOnlyList<WebhookTrigger> catalogue)
    {
        var byNumber = new Dictionary<int, string>();
        foreach (var trigger in catalogue)
        {
            if (trigger.Number is not (>= 0 and <= MaxNumber) || !byNumber.TryAdd(trigger.Number.Value, trigger.Name))
            {
                throw new InvalidOperationException(Fault(trigger, catalogue, byNumber));
            }

            _triggers.Add((trigger.Name, 1L << trigger.Number.Value));
        }
    }

    /// <summary>What clients may choose from, <c>*</c> first.</summary>
    public IReadOnlyList<DocSpaceTrigger> List() =>
        [new(AllPattern, All, true), .. _triggers.Select(trigger => new DocSpaceTrigger(trigger.Name, trigger.Id, true))];

    /// <summary>The bit of a trigger; 0 where the host does not know the trigger any more.</summary>
    public long IdOf(string name) => _triggers.FirstOrDefault(trigger => trigger.Name == name).Id;

    /// <summary>The trigger with exactly this bit, or null.</summary>
    public string? NameOf(long id) => _triggers.FirstOrDefault(trigger => trigger.Id == id).Name;

    /// <summary>The bits of every trigger that one of these patterns matches.</summary>
    public long MaskOf(IReadOnlyList<string> patterns) => patterns.Contains(AllPattern)
        ? All
        : _triggers
            .Where(trigger => patterns.Any(pattern => Matches(pattern, trigger.Name)))
            .Aggregate(0L, (mask, trigger) => mask | trigger.Id);

    /// <summary>
    /// Reads what a client wants: a number, the same as text, <c>*</c>, or names and patterns in an array. Names are left for the registry
    /// to check. Nothing at all means all triggers, as DocSpace has it.
    /// </summary>
    /// <param name="value">The member <c>triggers</c> of the body.</param>
    /// <param name="current">
    /// The patterns of the webhook that is changed. They stay when the number is the one that they show as, so that a client which sends
    /// back what it read does not turn <c>order.*</c> into a list of today's triggers, or triggers that are no more into all.
    /// </param>
    /// <param name="patterns">What the webhook is to get.</param>
    /// <param name="fault">What is wrong with the value.</param>
    public bool TryRead(
        JsonElement? value,
        IReadOnlyList<string>? current,
        [NotNullWhen(true)] out IReadOnlyList<string>? patterns,
        [NotNullWhen(false)] out string? fault)
    {
        patterns = null;
        fault = null;
        switch (value?.ValueKind)
        {
            case null:
                patterns = [AllPattern];
                break;
            case JsonValueKind.Number when value.Value.TryGetInt64(out var mask):
                patterns = PatternsOf(mask, current, out fault);
                break;
            case JsonValueKind.String:
                var text = value.Value.GetString()!.Trim();
                patterns = long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number)
                    ? PatternsOf(number, current, out fault)
                    : [text];
                break;
            case JsonValueKind.Array when value.Value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String):
                patterns = [.. value.Value.EnumerateArray().Select(item => item.GetString()!)];
                break;
            default:
                fault = "It must be a sum of trigger ids, \"*\", or an array of trigger names.";
                break;
        }

        return patterns is not null;
    }

    private IReadOnlyList<string>? PatternsOf(long mask, IReadOnlyList<string>? current, out string? fault)
    {
        fault = null;
        if (current is not null && mask == MaskOf(current))
        {
            return current;
        }

        if (mask == All)
        {
            return [AllPattern];
        }

        var known = _triggers.Aggregate(0L, (bits, trigger) => bits | trigger.Id);
        if (mask < 0 || (mask & ~known) != 0)
        {
            fault = $"{mask} holds bits that are no trigger's id. See webhook/triggers for those that are.";
            return null;
        }

        return [.. _triggers.Where(trigger => (mask & trigger.Id) != 0).Select(trigger => trigger.Name)];
    }

    private static bool Matches(string pattern, string name) => pattern.EndsWith(PrefixSuffix, StringComparison.Ordinal)
        ? name.AsSpan().StartsWith(pattern.AsSpan(..^1), StringComparison.Ordinal)
        : pattern == name;

    private static string Fault(WebhookTrigger trigger, IReadOnlyList<WebhookTrigger> catalogue, Dictionary<int, string> byNumber)
    {
        var reason = trigger.Number switch
        {
            null => "has no number",
            >= 0 and <= MaxNumber => $"has the number {trigger.Number} of '{byNumber[trigger.Number.Value]}'",
            _ => $"has the number {trigger.Number}, which is not from 0 to {MaxNumber}",
        };
        var free = Enumerable.Range(0, MaxNumber + 1)
            .Except(catalogue.Select(other => other.Number ?? -1))
            .Select(number => (int?)number)
            .FirstOrDefault();
        var mend = free is null
            ? $"All {MaxNumber + 1} numbers are taken: this API cannot show more triggers."
            : $"Give it one that is its own and never changes: AddTrigger(\"{trigger.Name}\", number: {free}).";
        return $"MapDocSpaceWebhooks(): the trigger '{trigger.Name}' {reason}, but this API's clients know triggers by numbers. {mend}";
    }
}
