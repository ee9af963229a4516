using System.Globalization;
using System.Net;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Webhooks.Embedded.AspNetCore.Tests.Admin;

/// <summary>
/// A JSON answer, to be compared as a whole. What differs from run to run is written as <c>{time}</c>, <c>{uuid}</c> and the like.
/// </summary>
internal sealed partial class Json(JsonNode? node)
{
    private static readonly JsonSerializerOptions Readable =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public JsonNode? Node { get; } = node;

    public string Text(string name) => Node![name]!.GetValue<string>();

    public long Number(string name) => Node![name]!.GetValue<long>();

    /// <summary>The JSON of an answer that must have this status.</summary>
    public static async Task<Json> OfAsync(HttpResponseMessage response, int status = 200, string contentType = "application/json")
    {
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(status == (int)response.StatusCode, $"Expected {status}, got {(int)response.StatusCode}: {body}");
        Assert.Equal(contentType, response.Content.Headers.ContentType?.MediaType);
        Assert.True(response.Headers.CacheControl!.NoStore);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        return new Json(JsonNode.Parse(body));
    }

    /// <summary>The problem of an answer that must have this status and this code.</summary>
    public static async Task<Json> ProblemOfAsync(HttpResponseMessage response, HttpStatusCode status, string code)
    {
        var problem = await OfAsync(response, (int)status, "application/problem+json");
        Assert.Equal(code, problem.Text("code"));
        Assert.Equal((int)status, problem.Node!["status"]!.GetValue<int>());
        Assert.Equal($"urn:webhooks:problem:{code}", problem.Text("type"));
        return problem;
    }

    /// <summary>Where the <c>Link</c> header of a page says that the next one is; null on the last page.</summary>
    public static Uri? Next(HttpResponseMessage page)
    {
        if (!page.Headers.TryGetValues("Link", out var links))
        {
            return null;
        }

        var link = Assert.Single(links);
        Assert.EndsWith(">; rel=\"next\"", link, StringComparison.Ordinal);
        return new Uri(page.RequestMessage!.RequestUri!, link[1..link.IndexOf('>', StringComparison.Ordinal)]);
    }

    public void Is([System.Diagnostics.CodeAnalysis.StringSyntax("Json")] string expected) =>
        Assert.Equal(JsonNode.Parse(expected)!.ToJsonString(Readable), Masked());

    public string Masked() => Masked(Node)!.ToJsonString(Readable);

    private static JsonNode? Masked(JsonNode? node, string name = "") => node switch
    {
        JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, Masked(member.Value, member.Key)))),
        JsonArray items => new JsonArray([.. items.Select(item => Masked(item))]),
        JsonValue value => Masked(value, name),
        _ => null,
    };

    private static JsonNode Masked(JsonValue value, string name)
    {
        if (name == "durationMs")
        {
            return "{ms}";
        }

        if (value.GetValueKind() != JsonValueKind.String)
        {
            return value.DeepClone();
        }

        var text = value.GetValue<string>();
        if (name is "secretHint" or "hint")
        {
            return "{hint}";
        }

        return Time().IsMatch(text) ? "{time}"
            : Guid.TryParse(text, CultureInfo.InvariantCulture, out _) ? "{uuid}"
            : Secret().IsMatch(text) ? "{secret}"
            : LocalPort().Replace(text, "http://127.0.0.1:{port}");
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")]
    private static partial Regex Time();

    [GeneratedRegex(@"^whsec_[A-Za-z0-9+/]{43}=$")]
    private static partial Regex Secret();

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex LocalPort();
}
