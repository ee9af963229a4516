using System.Text.Json;
using Webhooks.Embedded.Signing;

namespace Webhooks.Embedded.Storage;

/// <summary>A webhook's headers as its column has them: a JSON list of <c>["name", "protected value"]</c>.</summary>
internal static class StoredHeaders
{
    /// <summary>Null where they are to stay as they are.</summary>
    public static string? Write(IReadOnlyList<WebhookHeader>? headers, SecretVault vault) =>
        headers is null
            ? null
            : JsonSerializer.Serialize(headers.Select(header => new[] { header.Name, vault.Protect(SecretVault.HeaderPurpose, header.Value) }));

    public static IReadOnlyList<string> Names(string? column) => [.. Pairs(column).Select(pair => pair[0])];

    public static IReadOnlyList<KnownHeader> Read(string? column, SecretVault vault) =>
        column is null ? [] : [.. Pairs(column).Select(pair => new KnownHeader(pair[0], pair[1], vault))];

    private static string[][] Pairs(string? column) => column is null ? [] : JsonSerializer.Deserialize<string[][]>(column)!;
}
