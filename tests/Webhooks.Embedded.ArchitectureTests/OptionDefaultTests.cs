using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Webhooks.Embedded.ArchitectureTests;

/// <summary>The defaults that the documentation states are those of the code, in the XML documentation and in the README's table.</summary>
public sealed partial class OptionDefaultTests
{
    private static readonly string RootReadme = File.ReadAllText(Path.Combine(Libraries.Root, "README.md"));

    public static TheoryData<string> Options =>
    [
        .. Libraries.All.SelectMany(assembly => assembly.GetExportedTypes())
            .Where(type => type.Name.EndsWith("Options", StringComparison.Ordinal) && type.GetConstructor(Type.EmptyTypes) is not null)
            .SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .Where(property => PhrasesFor(DefaultOf(property)).Length > 0)
            .Select(property => $"{Libraries.NameOf(property.DeclaringType!.Assembly)}!{property.DeclaringType.FullName}.{property.Name}"),
    ];

    [Theory]
    [MemberData(nameof(Options))]
    public void The_default_in_an_options_documentation_is_the_one_in_the_code(string option)
    {
        var property = PropertyOf(option);
        var documentation = DocumentationOf(property);

        Assert.True(
            documentation.Contains("Required: ", StringComparison.Ordinal) || PhrasesFor(DefaultOf(property)).Any(phrase => States(documentation, phrase)),
            $"The documentation of {option} must say \"Default: {string.Join("\" or \"", PhrasesFor(DefaultOf(property)))}\", but says: {documentation}");
    }

    [Fact]
    public void The_README_lists_every_option_of_the_core_with_its_default()
    {
        var expected = Flatten(typeof(WebhooksOptions), "").ToDictionary(option => option.Name, option => option.Property);
        var rows = TableRow().Matches(RootReadme).ToDictionary(row => row.Groups["name"].Value, row => row.Groups["value"].Value);

        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), rows.Keys.Order(StringComparer.Ordinal));
        Assert.All(expected, option => Assert.Contains(
            PhrasesFor(DefaultOf(option.Value)), phrase => $"{rows[option.Key]}.".StartsWith($"{phrase}", StringComparison.OrdinalIgnoreCase)));
    }

    [Theory]
    [InlineData("Default: 15 seconds. From 1 to 2.", "15 seconds", true)]
    [InlineData("Default: 150 seconds.", "15", false)]
    [InlineData("Default, with more to say: 5 s, 5 m.", "5 s, 5 m", true)]
    [InlineData("Required.", "null", false)]
    public void Defaults_are_read_as_people_read_them(string documentation, string phrase, bool states) =>
        Assert.Equal(states, States(documentation, phrase));

    private static bool States(string documentation, string phrase) =>
        Regex.IsMatch(documentation, $@"Default(:|,[^.]*:) {Regex.Escape(phrase)}(?!\w|,\d)", RegexOptions.None, TimeSpan.FromSeconds(1));

    // How people may write a value; empty for values that only words can describe.
    private static string[] PhrasesFor(object? value) => value switch
    {
        null => ["null"],
        "" => ["the empty string", "empty"],
        string text => [text],
        Enum choice => [choice.ToString()],
        bool flag => [flag ? "true" : "false"],
        int number => [number.ToString("N0", CultureInfo.InvariantCulture)],
        double number => [number.ToString(CultureInfo.InvariantCulture)],
        TimeSpan span when span == TimeSpan.Zero => ["zero"],
        TimeSpan span => [.. PhrasesFor(span)],
        IEnumerable<TimeSpan> spans => [string.Join(", ", spans.Select(Short))],
        ICollection { Count: 0 } => ["empty", "none"],
        _ => [],
    };

    private static IEnumerable<string> PhrasesFor(TimeSpan span)
    {
        foreach (var (length, unit) in new[] { (span.TotalDays, "day"), (span.TotalHours, "hour"), (span.TotalMinutes, "minute"), (span.TotalSeconds, "second"), (span.TotalMilliseconds, "millisecond") })
        {
            if (length >= 1 && double.IsInteger(length))
            {
                yield return $"{length} {unit}{(length == 1 ? "" : "s")}";
            }
        }
    }

    private static string Short(TimeSpan span) => span switch
    {
        { TotalHours: >= 1 } => $"{span.TotalHours} h",
        { TotalMinutes: >= 1 } => $"{span.TotalMinutes} m",
        _ => $"{span.TotalSeconds} s",
    };

    private static IEnumerable<(string Name, PropertyInfo Property)> Flatten(Type type, string prefix) => type.GetProperties().SelectMany(property =>
        property.PropertyType.Name.EndsWith("Options", StringComparison.Ordinal)
            ? Flatten(property.PropertyType, $"{prefix}{property.Name}:")
            : [($"{prefix}{property.Name}", property)]);

    private static object? DefaultOf(PropertyInfo property) => property.GetValue(Activator.CreateInstance(property.DeclaringType!));

    private static PropertyInfo PropertyOf(string option)
    {
        var parts = option.Split('!');
        var dot = parts[1].LastIndexOf('.');
        return Libraries.Named(parts[0]).GetType(parts[1][..dot])!.GetProperty(parts[1][(dot + 1)..])!;
    }

    private static string DocumentationOf(PropertyInfo property)
    {
        var file = Path.Combine(AppContext.BaseDirectory, $"{Libraries.NameOf(property.DeclaringType!.Assembly)}.xml");
        var member = XDocument.Load(file).Descendants("member")
            .Single(element => element.Attribute("name")?.Value == $"P:{property.DeclaringType.FullName}.{property.Name}");
        return string.Join(' ', member.Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    [GeneratedRegex(@"^\| `(?<name>[A-Z]\w*(:[A-Z]\w*)*)` \| (?<value>[^|]*) \|", RegexOptions.ExplicitCapture | RegexOptions.Multiline)]
    private static partial Regex TableRow();
}
