using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;

namespace Webhooks.Embedded.Storage.Migrations;

/// <summary>One step of the schema, from the resource <c>V001__initial.sql</c>.</summary>
internal sealed partial record Migration(int Version, string Name, string Script)
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
            .Select(found => new Migration(
                int.Parse(found.match.Groups["version"].ValueSpan, CultureInfo.InvariantCulture),
                found.match.Groups["name"].Value,
                Read(assembly, found.resource)
                    .Replace("{schema}", tables.Schema is null ? "" : tables.Schema + ".", StringComparison.Ordinal)
                    .Replace("{prefix}", tables.Prefix, StringComparison.Ordinal)))
            .OrderBy(migration => migration.Version),
    ];

    private static string Read(Assembly assembly, string resource)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }

    [GeneratedRegex(@"\.V(?<version>\d{3})__(?<name>\w+)\.sql$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FileName();
}
