using System.Text.RegularExpressions;

namespace Webhooks.Embedded;

/// <summary>Options of the PostgreSQL store. Read once, at the start.</summary>
public sealed partial class PostgreSqlStoreOptions
{
    /// <summary>
    /// The schema of the tables, which is made where it is not there. Lower-case letters, digits and <c>_</c>, as names are not quoted.
    /// </summary>
    /// <value>Default: null, the first schema of the connection's search path, which is <c>public</c> where nothing else is set. At most 63 characters.</value>
    public string? Schema { get; set; }

    /// <summary>What the names of the tables start with, for two apps that share a schema. Lower-case letters, digits and <c>_</c>.</summary>
    /// <value>Default: empty; the tables are called <c>webhooks</c>, <c>webhook_events</c> and so on. At most 30 characters.</value>
    public string TablePrefix { get; set; } = "";

    /// <summary>What is wrong with the options; null where nothing is.</summary>
    internal string? Error =>
        Schema is { } schema && !(schema.Length <= 63 && Name().IsMatch(schema))
            ? $"the schema '{schema}' is not made of lower-case letters, digits and _, or is longer than 63 characters"
            : TablePrefix.Length > 0 && !(TablePrefix.Length <= 30 && Name().IsMatch(TablePrefix))
                ? $"the table prefix '{TablePrefix}' is not made of lower-case letters, digits and _, or is longer than 30 characters"
                : null;

    [GeneratedRegex(@"\A[a-z_][a-z0-9_]*\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Name();
}
