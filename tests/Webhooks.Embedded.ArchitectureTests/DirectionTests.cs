namespace Webhooks.Embedded.ArchitectureTests;

/// <summary>Inside the core, left never uses right; neighbours on one level do not use each other.</summary>
public sealed class DirectionTests
{
    private const string Root = "the root";
    private const string DependencyInjection = "DependencyInjection";

    private static readonly string[][] Levels =
    [
        [Root],
        ["Signing", "Egress", "Telemetry"],
        ["Storage"],
        ["Dispatching"],
        ["Publishing", "Management"],
        [DependencyInjection],
    ];

    [Fact]
    public void Every_namespace_of_the_core_has_its_place()
    {
        var places = Libraries.WrittenTypes(Libraries.Core).Select(type => PlaceOf(type.Namespace!)).Distinct(StringComparer.Ordinal);

        Assert.Empty(places.Except(Levels.SelectMany(level => level)));
    }

    [Fact]
    public void Nothing_in_the_core_uses_what_is_to_its_right() =>
        Assert.Empty(TypeUses.In(Libraries.Core)
            .Where(use => IsAgainst(use.From.Namespace, use.To.Namespace))
            .Select(use => $"{use.From} uses {use.To}")
            .Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("Webhooks.Embedded.Storage", "Webhooks.Embedded", false)]
    [InlineData("Webhooks.Embedded.Storage", "Webhooks.Embedded.Storage", false)]
    [InlineData("Webhooks.Embedded.Storage", "Webhooks.Embedded.Dispatching", true)]
    [InlineData("Webhooks.Embedded.Storage.Migrations", "Webhooks.Embedded.Storage", false)]
    [InlineData("Webhooks.Embedded.Storage.Migrations", "Webhooks.Embedded.Dispatching", true)]
    [InlineData("Webhooks.Embedded.Storage", "Microsoft.Extensions.DependencyInjection", true)]
    [InlineData("Webhooks.Embedded", "Webhooks.Embedded.Signing", true)]
    [InlineData("Webhooks.Embedded.Publishing", "Webhooks.Embedded.Management", true)]
    [InlineData("Webhooks.Embedded.Management", "Webhooks.Embedded.Publishing", true)]
    [InlineData("Microsoft.Extensions.DependencyInjection", "Webhooks.Embedded.Management", false)]
    public void The_rule_is_what_it_says(string from, string to, bool isAgainst) => Assert.Equal(isAgainst, IsAgainst(from, to));

    // Namespaces without a level are what the compiler and its generators add.
    private static bool IsAgainst(string from, string to) =>
        PlaceOf(from) is var left && PlaceOf(to) is var right
        && LevelOf(left) is >= 0 and var leftLevel && LevelOf(right) is >= 0 and var rightLevel
        && (rightLevel > leftLevel || (rightLevel == leftLevel && left != right));

    // The first folder counts, whatever lies deeper; what apps call in Microsoft's namespace is part of the folder that implements it.
    private static string PlaceOf(string space) => space.Split('.') switch
    {
        ["Webhooks", "Embedded"] => Root,
        ["Webhooks", "Embedded", var folder, ..] => folder,
        ["Microsoft", "Extensions", DependencyInjection] => DependencyInjection,
        _ => space,
    };

    private static int LevelOf(string place) => Array.FindIndex(Levels, level => level.Contains(place));
}
