using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Webhooks.Embedded.AspNetCore.Tests.Admin;

namespace Webhooks.Embedded.AspNetCore.Tests.Surface;

/// <summary>What OpenAPI documents of apps say of our APIs is a reviewed file.</summary>
public sealed class OpenApiTests
{
    private const string Approve = "APPROVE_OPENAPI";

    private static readonly JsonSerializerOptions Readable =
        new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public async Task The_document_is_the_approved_one()
    {
        var received = (await DocumentAsync()).ToJsonString(Readable) + "\n";
        var file = Path.Combine(Root(), "tests", "Webhooks.Embedded.AspNetCore.Tests", "Approved", "OpenApi.json");
        if (Environment.GetEnvironmentVariable(Approve) == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, received);
        }

        var approved = File.Exists(file) ? await File.ReadAllTextAsync(file) : "";
        Assert.True(approved == received, $"""
            The OpenAPI document is not the approved one (- approved, + received):
            {Difference(approved, received)}
            If this is meant, run the tests once with {Approve}=1 and commit what that changes in {Path.GetRelativePath(Root(), file)}.
            """);
    }

    [Fact]
    public async Task Every_operation_says_all_that_clients_need()
    {
        var document = await DocumentAsync();
        var operations = Operations(document).ToList();

        Assert.NotEmpty(operations);
        Assert.All(operations, operation =>
        {
            var (route, described) = operation;
            Assert.False(string.IsNullOrEmpty((string?)described["operationId"]), route);
            Assert.False(string.IsNullOrEmpty((string?)described["summary"]), route);
            Assert.NotEmpty(described["tags"]!.AsArray());
            var responses = described["responses"]!.AsObject().Select(response => response.Key).ToList();
            Assert.Contains("401", responses);
            Assert.Contains("403", responses);
            Assert.Contains("500", responses);
            Assert.Contains("503", responses);
            Assert.Contains(responses, status => status[0] == '2');
            var asked = described["parameters"]?.AsArray() ?? [];
            var inPath = asked.Where(parameter => (string?)parameter!["in"] == "path").Select(parameter => $"{{{parameter!["name"]}}}");
            Assert.Equal(route.Split('/').Where(part => part.StartsWith('{')), inPath);
            Assert.All(asked, parameter => Assert.False(string.IsNullOrEmpty((string?)parameter!["description"]), $"{route} {parameter!["name"]}"));
        });
        Assert.Equal(operations.Count, operations.Select(operation => (string)operation.Described["operationId"]!).Distinct().Count());
    }

    [Fact]
    public async Task What_is_inside_does_not_show()
    {
        var text = (await DocumentAsync()).ToJsonString(Readable);

        Assert.DoesNotContain("WebhookScope", text, StringComparison.Ordinal);
        Assert.DoesNotContain("**path", text, StringComparison.Ordinal);
        Assert.DoesNotContain("{path}", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_route_but_the_one_for_what_is_no_route_is_in_the_document()
    {
        await using var host = await StartAsync();
        var document = await DocumentAsync(host);

        var routes = Routes.Registered(host.Services.GetRequiredService<EndpointDataSource>())
            .Where(route => !route.StartsWith("* ", StringComparison.Ordinal) && !route.Contains("/openapi/", StringComparison.Ordinal))
            .Select(route => route.Replace(":long}", "}", StringComparison.Ordinal));

        Assert.Equal(routes.Order(StringComparer.Ordinal), Operations(document).Select(operation => operation.Route).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_api_of_the_package_is_mapped_here()
    {
        var maps = typeof(WebhookAdminEndpointRouteBuilderExtensions).Assembly.GetExportedTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Static))
            .Where(method => method.Name.StartsWith("Map", StringComparison.Ordinal)
                && method.GetParameters() is [{ ParameterType: var first }, ..] && first == typeof(IEndpointRouteBuilder))
            .Select(method => method.Name)
            .Distinct();

        Assert.Equal(MappedApis.Names.Order(StringComparer.Ordinal), maps.Order(StringComparer.Ordinal));
    }

    private static IEnumerable<(string Route, JsonObject Described)> Operations(JsonObject document) =>
        from path in document["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        select ($"{operation.Key.ToUpperInvariant()} {path.Key.TrimEnd('/')}", operation.Value!.AsObject());

    private static async Task<JsonObject> DocumentAsync()
    {
        await using var host = await StartAsync();
        return await DocumentAsync(host);
    }

    private static async Task<JsonObject> DocumentAsync(AdminHost host)
    {
        var document = JsonNode.Parse(await host.Client.GetStringAsync("/openapi/v1.json"))!.AsObject();
        document.Remove("servers");
        return document;
    }

    private static Task<AdminHost> StartAsync() => AdminHost.StartAsync(
        builder =>
        {
            MappedApis.AddTriggers(builder);
            TestCaller.Add(builder);
            builder.Services.AddOpenApi();

            // The document follows the host's options: by the usual ones every number might be a text as well.
            builder.Services.ConfigureHttpJsonOptions(options => options.SerializerOptions.NumberHandling = JsonNumberHandling.Strict);
        },
        app =>
        {
            app.MapOpenApi();
            MappedApis.Map(app, static admin => admin.RequireAuthorization(), static vendorShaped => vendorShaped.RequireAuthorization("Manage"));
        });

    private static string Difference(string approved, string received)
    {
        var (old, current) = (approved.Split('\n'), received.Split('\n'));
        return string.Join('\n', old.Except(current).Select(line => $"- {line}").Concat(current.Except(old).Select(line => $"+ {line}")).Take(60));
    }

    private static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Webhooks.Embedded.sln")))
        {
            directory = directory.Parent ?? throw new InvalidOperationException("The tests must run inside the checkout.");
        }

        return directory.FullName;
    }
}
