using System.Text.RegularExpressions;

namespace Webhooks.Embedded.ArchitectureTests;

/// <summary>Code in a README compiles: it stands in <see cref="ReadmeSnippets"/> as well.</summary>
public sealed partial class ReadmeSnippetTests
{
    [Theory]
    [InlineData("README.md", 6)]
    [InlineData("src/Webhooks.Embedded/README.md", 3)]
    [InlineData("src/Webhooks.Embedded.Sqlite/README.md", 1)]
    [InlineData("src/Webhooks.Embedded.EntityFrameworkCore/README.md", 2)]
    [InlineData("src/Webhooks.Embedded.PostgreSql/README.md", 1)]
    [InlineData("src/Webhooks.Embedded.AspNetCore/README.md", 3)]
    public void Every_code_block_of_a_README_compiles(string readme, int blocks)
    {
        var compiled = Unindented(Read("tests/Webhooks.Embedded.ArchitectureTests/ReadmeSnippets.cs"));
        var found = CodeBlock().Matches(Read(readme));

        Assert.Equal(blocks, found.Count);
        Assert.All(found, block => Assert.Contains(Unindented(block.Groups["code"].Value), compiled, StringComparison.Ordinal));
    }

    private static string Read(string file) => File.ReadAllText(Path.Combine(Libraries.Root, file));

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex CodeBlock();

    private static string Unindented(string code) =>
        string.Join('\n', code.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
}
