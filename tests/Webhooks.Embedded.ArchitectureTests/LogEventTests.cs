using System.Reflection;
using Microsoft.Extensions.Logging;

namespace Webhooks.Embedded.ArchitectureTests;

/// <summary>People search and alert by the ids and names of log events.</summary>
public sealed class LogEventTests
{
    private const BindingFlags Any = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly LoggerMessageAttribute[] Events =
    [
        .. from library in Libraries.All
           from type in library.GetTypes()
           from method in type.GetMethods(Any)
           let message = method.GetCustomAttribute<LoggerMessageAttribute>()
           where message is not null
           select message,
    ];

    [Fact]
    public void Every_log_event_has_an_id_of_its_own() =>
        Assert.Empty(Events.GroupBy(message => message.EventId).Where(same => same.Count() > 1).Select(same => $"{same.Key}: {string.Join(", ", same.Select(message => message.EventName))}"));

    [Fact]
    public void Every_log_event_has_a_name_of_its_own()
    {
        Assert.NotEmpty(Events);
        Assert.All(Events, message => Assert.False(string.IsNullOrEmpty(message.EventName), message.Message));
        Assert.Empty(Events.GroupBy(message => message.EventName).Where(same => same.Count() > 1).Select(same => same.Key));
    }
}
