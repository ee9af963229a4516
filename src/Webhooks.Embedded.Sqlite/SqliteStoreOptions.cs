using System.Text.RegularExpressions;

namespace Webhooks.Embedded;

/// <summary>Options of the SQLite store. Read once, at the start.</summary>
public sealed partial class SqliteStoreOptions
{
    /// <summary>What the names of the tables start with, for two apps that share a database file's schema. Letters, digits and <c>_</c>.</summary>
    /// <value>Default: empty; the tables are called <c>webhooks</c>, <c>webhook_events</c> and so on. At most 30 characters.</value>
    public string TablePrefix { get; set; } = "";

    internal bool HasValidPrefix => Prefix().IsMatch(TablePrefix);

    [GeneratedRegex("^([A-Za-z_][A-Za-z0-9_]{0,29})?$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Prefix();
}
