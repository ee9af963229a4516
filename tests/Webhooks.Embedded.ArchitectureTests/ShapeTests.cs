namespace Webhooks.Embedded.ArchitectureTests;

/// <summary>What types may look like, and where the public ones live.</summary>
public sealed class ShapeTests
{
    private static readonly string[] WherePeopleLook =
        ["Microsoft.Extensions.DependencyInjection", "Microsoft.AspNetCore.Builder", "Microsoft.EntityFrameworkCore"];

    [Theory]
    [MemberData(nameof(Libraries.Names), MemberType = typeof(Libraries))]
    public void Every_class_is_sealed_static_or_abstract(string library)
    {
        // An internal record may be another's beginning: the short form of an answer that has a long one as well.
        var types = Libraries.WrittenTypes(Libraries.Named(library)).ToArray();
        var bases = types.Select(type => type.BaseType).ToHashSet();

        Assert.Empty(types
            .Where(type => type is { IsClass: true, IsSealed: false, IsAbstract: false } && (type.IsVisible || !bases.Contains(type)))
            .Select(type => type.FullName));
    }

    [Theory]
    [MemberData(nameof(Libraries.Names), MemberType = typeof(Libraries))]
    public void Public_types_live_where_people_look_for_them(string library)
    {
        var assembly = Libraries.Named(library);

        Assert.Empty(assembly.GetExportedTypes()
            .Where(type => !WherePeopleLook.Contains(type.Namespace) && !IsOwn(type.Namespace!))
            .Select(type => type.FullName));

        // A package beside the core may keep its own types together.
        bool IsOwn(string space) =>
            space == "Webhooks.Embedded" || (assembly != Libraries.Core && $"{space}.".StartsWith($"{library}.", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Libraries.Names), MemberType = typeof(Libraries))]
    public void What_lives_with_Microsofts_types_is_extension_methods_only(string library) =>
        Assert.Empty(Libraries.Named(library).GetExportedTypes()
            .Where(type => WherePeopleLook.Contains(type.Namespace) && !type.Name.EndsWith("Extensions", StringComparison.Ordinal))
            .Select(type => type.FullName));
}
