using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;

namespace Webhooks.Embedded.Storage.Migrations;

/// <summary>One step of the schema, from the resource <c>V001__initial.sql</c>.</summary>
/// <param name="Version">The version of the schema after this step.</param>
/// <param name="Name">What the step is called.</param>
/// <param name="CompatibleFrom">
/// The oldest version whose nodes can work on the schema after this step, so that nodes can be replaced one by one. The script says it in
/// a line of its own: <c>-- compatible from: 1</c>.
/// </param>
/// <param name="Script">The statements.</param>
internal sealed partial record Migration(int Version, string Name, int CompatibleFrom, string Script)
{
    /// <summary>
    /// The migrations embedded in an assembly, in order. <c>{prefix}</c> stands for the tables' prefix, and <c>{schema}</c>, in front of it,
    /// for the schema with its dot where one is named.
    /// </summary>
    public static IReadOnlyList<Migration> Of(Assembly assembly, WebhookTables tables) =>
    [
        .. assembly.GetManifestResourceNames()
            .Select(resource => (resource, match: FileName().Match(resource)))
            .Where(found => found.match.Success)
            .Select(found => Read(
                int.Parse(found.match.Groups["version"].ValueSpan, CultureInfo.InvariantCulture),
                found.match.Groups["name"].Value,
                Read(assembly, found.resource),
                tables))
            .OrderBy(migration => migration.Version),
    ];

    /// <summary>A migration from the text of its file.</summary>
    public static Migration Read(int version, string name, string text, WebhookTables tables)
    {
        var compatible = CompatibleLine().Match(text);
        return compatible.Success
            ? new Migration(
                version,
                name,
                int.Parse(compatible.Groups["version"].ValueSpan, CultureInfo.InvariantCulture),
                text.Replace("{schema}", tables.Schema is null ? "" : tables.Schema + ".", StringComparison.Ordinal)
                    .Replace("{prefix}", tables.Prefix, StringComparison.Ordinal))
            : throw new InvalidOperationException($"The migration V{version:000}__{name} does not say from which version on nodes can work with it.");
    }

    private static string Read(Assembly assembly, string resource)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }

    [GeneratedRegex(@"\.V(?<version>\d{3})__(?<name>\w+)\.sql$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FileName();

    [GeneratedRegex(@"^-- compatible from: (?<version>\d+)\s*$", RegexOptions.ExplicitCapture | RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CompatibleLine();
}
