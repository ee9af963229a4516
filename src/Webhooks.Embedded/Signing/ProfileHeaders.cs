using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Webhooks.Embedded.Signing;

/// <summary>
/// What headers a signature profile may add. It must not change what a request is, where it goes or what else it says; and it is code of the
/// app, so that a fault is told rather than guessed at.
/// </summary>
internal static class ProfileHeaders
{
    /// <summary>The headers, a line each, <c>name: value</c>; or what is wrong with them.</summary>
    public static bool TryWrite(
        string profile,
        IEnumerable<KeyValuePair<string, string>>? headers,
        [NotNullWhen(true)] out string? lines,
        [NotNullWhen(false)] out string? error)
    {
        var text = new StringBuilder();
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var fault = headers is null ? "returned no list of headers" : null;
        foreach (var (name, value) in headers ?? [])
        {
            fault = FaultOf(name, value)
                ?? (names.Add(name) ? null : $"returned the header {name} twice")
                ?? (names.Count <= HeaderRules.MaxHeaders ? null : $"returned more than {HeaderRules.MaxHeaders} headers");
            if (fault is not null)
            {
                break;
            }

            text.Append(text.Length == 0 ? "" : "\n").Append(name).Append(": ").Append(value);
        }

        if (text.Length > HeaderRules.MaxLength)
        {
            fault = $"returned headers of {text.Length} characters, of which at most {HeaderRules.MaxLength} are allowed";
        }

        lines = fault is null ? text.ToString() : null;
        error = fault is null ? null : $"The signature profile '{profile}' {fault}, so that nothing was sent.";
        return fault is null;
    }

    private static string? FaultOf(string? name, string? value)
    {
        if (!HeaderRules.IsName(name))
        {
            return $"returned a header whose name is not a token of 1 to {HeaderRules.MaxNameLength} characters";
        }

        if (HeaderRules.IsReserved(name))
        {
            return $"returned the header {name}, which is not a profile's to set";
        }

        // Values hold signatures, so that none is told.
        return HeaderRules.IsValue(value)
            ? null
            : $"returned a value of the header {name} that is not 1 to {HeaderRules.MaxValueLength} printable ASCII characters";
    }
}
