namespace Webhooks.Embedded;

/// <summary>The grammar of trigger names and of what webhooks want: a name, <c>prefix.*</c>, or <c>*</c>.</summary>
internal static class TriggerPattern
{
    public const string All = "*";
    public const int MaxLength = 128;

    private const string PrefixSuffix = ".*";

    /// <summary>Whether this is a name as Standard Webhooks has event types: segments of letters, digits and <c>_</c>, with dots between.</summary>
    public static bool IsName(string? name)
    {
        if (string.IsNullOrEmpty(name) || name.Length > MaxLength)
        {
            return false;
        }

        var segmentLength = 0;
        foreach (var c in name)
        {
            if (c == '.' && segmentLength > 0)
            {
                segmentLength = 0;
            }
            else if (char.IsAsciiLetterOrDigit(c) || c == '_')
            {
                segmentLength++;
            }
            else
            {
                return false;
            }
        }

        return segmentLength > 0;
    }

    /// <summary>Whether this is <c>*</c>, <c>prefix.*</c> or a name.</summary>
    public static bool IsPattern(string? pattern) =>
        pattern is All || IsName(pattern) || (IsPrefix(pattern) && IsName(pattern![..^PrefixSuffix.Length]));

    /// <summary>Whether a webhook with this pattern wants this trigger.</summary>
    public static bool Matches(string pattern, string trigger) =>
        pattern == All
        || (IsPrefix(pattern)
            ? trigger.AsSpan().StartsWith(pattern.AsSpan(..^1), StringComparison.Ordinal)
            : string.Equals(pattern, trigger, StringComparison.Ordinal));

    private static bool IsPrefix(string? pattern) => pattern is not null && pattern.EndsWith(PrefixSuffix, StringComparison.Ordinal);
}
