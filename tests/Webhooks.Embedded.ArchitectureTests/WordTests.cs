namespace Webhooks.Embedded.ArchitectureTests;

/// <summary>One word per concept: a webhook is no endpoint, subscription or hook, and nothing is put into a drawer.</summary>
public sealed class WordTests
{
    private static readonly string[] Struck = ["Endpoint", "Subscription", "Hook", "Job", "Helper", "Util", "Common", "Manager"];

    [Theory]
    [MemberData(nameof(Libraries.Names), MemberType = typeof(Libraries))]
    public void No_type_is_named_by_a_struck_word(string library) =>
        Assert.Empty(Libraries.WrittenTypes(Libraries.Named(library)).Where(type => StruckWordIn(type.Name) is not null).Select(type => type.FullName));

    [Theory]
    [InlineData("WebhookRoutes", null)]
    [InlineData("WebhookAdminEndpointRouteBuilderExtensions", null)]
    [InlineData("WebhookEndpoint", "Endpoint")]
    [InlineData("EndpointRouteBuilderExtensionsHelper", "Endpoint")]
    [InlineData("HookRunner", "Hook")]
    [InlineData("WebhookHook", "Hook")]
    [InlineData("JobQueue", "Job")]
    [InlineData("StringUtilities", "Util")]
    [InlineData("WebhookManager", "Manager")]
    public void The_rule_is_what_it_says(string name, string? expected) => Assert.Equal(expected, StruckWordIn(name));

    // "EndpointRouteBuilder" is ASP.NET's own name for where a Map…() method is looked for.
    private static string? StruckWordIn(string name)
    {
        const string AspNetName = "EndpointRouteBuilderExtensions";
        var ours = name.EndsWith(AspNetName, StringComparison.Ordinal) ? name[..^AspNetName.Length] : name;
        return Struck.FirstOrDefault(word => ours.Contains(word, StringComparison.Ordinal));
    }
}
