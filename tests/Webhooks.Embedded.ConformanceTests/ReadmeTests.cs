using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace Webhooks.Embedded.ConformanceTests;

/// <summary>The receiver's README says what is so.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string Root = FindRoot();
    private static readonly string Readme = File.ReadAllText(Path.Combine(Root, "src", "Webhooks.Embedded.Receiver", "README.md"));

    [Fact]
    public void Every_code_block_compiles()
    {
        var compiled = Unindented(File.ReadAllText(
            Path.Combine(Root, "tests", "Webhooks.Embedded.ConformanceTests", $"{nameof(ReadmeSnippets)}.cs")));

        Assert.All(CodeBlock().Matches(Readme), block => Assert.Contains(Unindented(block.Groups["code"].Value), compiled, StringComparison.Ordinal));
        Assert.Equal(2, CodeBlock().Count(Readme));
    }

    [Fact]
    public void Every_rejection_and_its_code_are_listed() =>
        Assert.All(Enum.GetNames<WebhookRejection>(), name =>
        {
            Assert.Contains($"`{name}`", Readme, StringComparison.Ordinal);
            Assert.Contains($"`{JsonNamingPolicy.SnakeCaseLower.ConvertName(name)}`", Readme, StringComparison.Ordinal);
        });

    [Fact]
    public async Task The_guard_of_the_first_block_guards()
    {
        await using var app = await ReceivingApp.StartAsync(routes =>
        {
            routes.Configuration["Webhooks:Secret"] = Vectors.Secret;
            ReadmeSnippets.Guard(routes);
        });

        using var response = await app.PostAsync("/webhooks", new ByteArrayContent(Vectors.BodyBytes.ToArray()));

        Assert.Equal("too_old", await ReceivingApp.ProblemCodeAsync(response));
    }

    [Fact]
    public void The_second_block_says_why_it_refuses()
    {
        var request = new DefaultHttpContext().Request;

        var verification = ReadmeSnippets.ByHand(Vectors.Secret, [], request, NullLogger.Instance);

        Assert.Equal(WebhookRejection.MissingHeader, verification.Rejection);
        Assert.Contains("webhook-id", $"{verification}", StringComparison.Ordinal);
    }

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex CodeBlock();

    private static string Unindented(string code) =>
        string.Join('\n', code.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Webhooks.Embedded.sln")))
        {
            directory = directory.Parent ?? throw new InvalidOperationException("The tests must run inside the checkout.");
        }

        return directory.FullName;
    }
}
