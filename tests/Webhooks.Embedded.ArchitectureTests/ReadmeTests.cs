using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;

namespace Webhooks.Embedded.ArchitectureTests;

/// <summary>What a README names in backticks exists: prose that nothing compiles rots.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string[] HttpMethods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

    private static readonly Lazy<HashSet<string>> Known = new(() =>
    [
        .. Libraries.All.SelectMany(Libraries.WrittenTypes).SelectMany(NamesOf),
        .. Libraries.All.SelectMany(TextsIn),
        .. Libraries.All.Select(Libraries.NameOf),
        .. FrameworkTypes(),
        .. HttpMethods,
        "Webhooks", // the section of the configuration
    ]);

    public static TheoryData<string> Readmes =>
    [
        .. Directory.GetFiles(Libraries.Root, "README.md")
            .Concat(Directory.GetFiles(Path.Combine(Libraries.Root, "src"), "README.md", SearchOption.AllDirectories))
            .Select(file => Path.GetRelativePath(Libraries.Root, file).Replace('\\', '/')),
    ];

    [Theory]
    [MemberData(nameof(Readmes))]
    public void Every_type_and_member_that_a_README_names_exists(string readme) =>
        Assert.Empty(NamesIn(File.ReadAllText(Path.Combine(Libraries.Root, readme))).Where(name => !Exists(name)).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Readmes))]
    public void Every_file_that_a_README_links_to_exists(string readme)
    {
        var folder = Path.GetDirectoryName(Path.Combine(Libraries.Root, readme))!;

        Assert.Empty(Link().Matches(File.ReadAllText(Path.Combine(Libraries.Root, readme)))
            .Select(match => match.Groups["target"].Value)
            .Where(target => !Path.Exists(Path.Combine(folder, target)))
            .Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Names_are_found_in_prose_and_not_in_code_blocks() => Assert.Equal(
        ["WebhookVerifier", "PublishAsync", "Retry.Delays"],
        NamesIn("A `WebhookVerifier`, `PublishAsync(…)`, `Retry:Delays`, `webhook-id`, `POST /x`.\n```csharp\nvar x = `Nothing`;\n```\n"));

    // What looks like a name of C#: capitalised, perhaps with dots or colons between, perhaps with type arguments or a call's parentheses.
    private static IEnumerable<string> NamesIn(string readme) => CodeSpan()
        .Matches(CodeBlock().Replace(readme, ""))
        .Select(match => match.Groups["name"].Value.Replace(':', '.'));

    private static bool Exists(string name) => Known.Value.Contains(name) || name.Split('.').All(Known.Value.Contains);

    // A type, its members, and the folders that it lies in.
    private static IEnumerable<string> NamesOf(Type type) =>
    [
        type.Name,
        .. type.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly).Select(member => member.Name),
        .. type.Namespace!.Split('.'),
    ];

    // What the code spells out, such as values on the wire.
    private static IEnumerable<string> TextsIn(Assembly assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly.Location));
        var metadata = file.GetMetadataReader();
        var handle = MetadataTokens.UserStringHandle(0);
        while (!(handle = metadata.GetNextHandle(handle)).IsNil)
        {
            yield return metadata.GetUserString(handle);
        }
    }

    private static IEnumerable<string> FrameworkTypes()
    {
        foreach (var path in ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator))
        {
            using var file = new PEReader(File.OpenRead(path));
            var metadata = file.GetMetadataReader();
            foreach (var handle in metadata.TypeDefinitions)
            {
                yield return metadata.GetString(metadata.GetTypeDefinition(handle).Name).Split('`')[0];
            }
        }
    }

    [GeneratedRegex("```.*?```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"`(?<name>[A-Z][A-Za-z0-9]*([.:][A-Z][A-Za-z0-9]*)*)(<[^`]*>)?(\([^`]*\))?`", RegexOptions.ExplicitCapture)]
    private static partial Regex CodeSpan();

    [GeneratedRegex(@"\]\((?<target>[^):#]+)\)", RegexOptions.ExplicitCapture)]
    private static partial Regex Link();
}
