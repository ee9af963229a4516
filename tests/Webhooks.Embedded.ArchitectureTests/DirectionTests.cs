namespace Webhooks.Embedded.ArchitectureTests;

/// <summary>Inside the core, left never uses right; neighbours on one level do not use each other.</summary>
public sealed class DirectionTests
{
    private static readonly string[][] Levels =
    [
        ["Webhooks.Embedded"],
        ["Webhooks.Embedded.Signing", "Webhooks.Embedded.Egress", "Webhooks.Embedded.Telemetry"],
        ["Webhooks.Embedded.Storage"],
        ["Webhooks.Embedded.Dispatching"],
        ["Webhooks.Embedded.Publishing", "Webhooks.Embedded.Management"],
        ["Microsoft.Extensions.DependencyInjection"],
    ];

    [Fact]
    public void Every_namespace_of_the_core_has_its_place()
    {
        var namespaces = Libraries.WrittenTypes(Libraries.Core).Select(type => type.Namespace!).Distinct(StringComparer.Ordinal);

        Assert.Empty(namespaces.Except(Levels.SelectMany(level => level)));
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
    [InlineData("Webhooks.Embedded", "Webhooks.Embedded.Signing", true)]
    [InlineData("Webhooks.Embedded.Publishing", "Webhooks.Embedded.Management", true)]
    [InlineData("Webhooks.Embedded.Management", "Webhooks.Embedded.Publishing", true)]
    [InlineData("Microsoft.Extensions.DependencyInjection", "Webhooks.Embedded.Management", false)]
    public void The_rule_is_what_it_says(string from, string to, bool isAgainst) => Assert.Equal(isAgainst, IsAgainst(from, to));

    // Namespaces without a place are what the compiler and its generators add.
    private static bool IsAgainst(string from, string to) =>
        LevelOf(from) is { } left && LevelOf(to) is { } right && (right > left || (right == left && from != to));

    private static int? LevelOf(string space) =>
        Array.FindIndex(Levels, level => level.Contains(space)) is var index and >= 0 ? index : null;
}
