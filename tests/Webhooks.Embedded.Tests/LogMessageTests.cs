using System.Reflection;
using Microsoft.Extensions.Logging;

namespace Webhooks.Embedded.Tests;

public sealed class LogMessageTests
{
    private const BindingFlags Everything = BindingFlags.Static | BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly;

    [Fact]
    public void Every_message_has_an_id_and_a_name_of_its_own()
    {
        var messages = typeof(IWebhookPublisher).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(Everything))
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>())
            .OfType<LoggerMessageAttribute>()
            .ToArray();

        Assert.NotEmpty(messages);
        Assert.Empty(messages.GroupBy(message => message.EventId).Where(id => id.Count() > 1).Select(id => id.Key));
        Assert.Empty(messages.GroupBy(message => message.EventName).Where(name => name.Count() > 1).Select(name => name.Key));
    }
}
