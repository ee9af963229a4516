using System.Text.RegularExpressions;

namespace Webhooks.Embedded;

/// <summary>Options of the SQL Server store. Read once, at the start.</summary>
public sealed partial class SqlServerStoreOptions
{
    /// <summary>The schema that holds the tables. It is made where it is not there. Letters, digits and <c>_</c>.</summary>
    /// <value>Default: <c>dbo</c>. At most 60 characters.</value>
    public string Schema { get; set; } = "dbo";

    /// <summary>What the names of the tables start with, for two apps that share a schema. Letters, digits and <c>_</c>.</summary>
    /// <value>Default: empty; the tables are called <c>webhooks</c>, <c>webhook_events</c> and so on. At most 30 characters.</value>
    public string TablePrefix { get; set; } = "";

    /// <summary>What is wrong with the names, which stand in statements as they are; null where nothing is.</summary>
    internal string? Fault() =>
        Schema is null || !SchemaName().IsMatch(Schema)
            ? $"the schema '{Schema}' is not made of letters, digits and _, or is longer than 60 characters."
            : TablePrefix is null || !Prefix().IsMatch(TablePrefix)
                ? $"the table prefix '{TablePrefix}' is not made of letters, digits and _, or is longer than 30 characters."
                : null;

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]{0,59}\\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SchemaName();

    [GeneratedRegex("^([A-Za-z_][A-Za-z0-9_]{0,29})?\\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Prefix();
}
