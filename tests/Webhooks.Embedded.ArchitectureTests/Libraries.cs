using System.Reflection;
using System.Runtime.CompilerServices;

namespace Webhooks.Embedded.ArchitectureTests;

/// <summary>The libraries under test and the checkout that they come from.</summary>
internal static class Libraries
{
    public static readonly Assembly Core = typeof(WebhooksOptions).Assembly;

    public static readonly IReadOnlyList<Assembly> All =
    [
        Core,
        Assembly.Load("Webhooks.Embedded.Sqlite"),
        Assembly.Load("Webhooks.Embedded.EntityFrameworkCore"),
        Assembly.Load("Webhooks.Embedded.PostgreSql"),
        Assembly.Load("Webhooks.Embedded.AspNetCore"),
        Assembly.Load("Webhooks.Embedded.Receiver"),
    ];

    public static readonly string Root = FindRoot();

    public static TheoryData<string> Names => [.. All.Select(NameOf)];

    public static string NameOf(Assembly assembly) => assembly.GetName().Name!;

    public static Assembly Named(string name) => All.Single(assembly => NameOf(assembly) == name);

    public static string ReadmeOf(Assembly assembly) => File.ReadAllText(Path.Combine(Root, "src", NameOf(assembly), "README.md"));

    /// <summary>The types that somebody wrote, nested ones as well; not what the compiler and its generators add.</summary>
    public static IEnumerable<Type> WrittenTypes(Assembly assembly) => assembly.GetTypes().Where(IsWritten);

    private static bool IsWritten(Type type) =>
        !type.Name.Contains('<', StringComparison.Ordinal)
        && !type.Name.StartsWith("__", StringComparison.Ordinal)
        && type.Namespace is { } space
        && (space.StartsWith("Webhooks.", StringComparison.Ordinal) || type.IsVisible)
        && type.GetCustomAttribute<CompilerGeneratedAttribute>() is null
        && (type.DeclaringType is null || IsWritten(type.DeclaringType));

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
