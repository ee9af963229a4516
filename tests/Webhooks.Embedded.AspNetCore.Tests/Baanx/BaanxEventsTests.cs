using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Webhooks.Embedded.AspNetCore.Baanx;

namespace Webhooks.Embedded.AspNetCore.Tests.Baanx;

public sealed class BaanxEventsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    public async Task A_thousand_events_are_looked_through_in_a_few_calls(int limit)
    {
        var calls = new List<string>();
        await using var services = new ServiceCollection()
            .AddSingleton(Calls.To<IWebhookEvents>(calls, args => EventsAfter((WebhookEventQuery)args[0]!)))
            .AddSingleton(Calls.To<IWebhookDeliveries>(calls, _ => Task.FromResult(new WebhookPage<WebhookDelivery>([], null))))
            .BuildServiceProvider();
        var http = new DefaultHttpContext { RequestServices = services };
        http.Features.Set(new FoundTenant(null));

        var found = await new BaanxEvents("app").NewestAsync(
            new WebhookScope(http), BaanxStatus.Failed, limit, TestContext.Current.CancellationToken);

        Assert.Empty(found);
        Assert.Equal(20, calls.Count);
    }

    private static Task<WebhookPage<WebhookEvent>> EventsAfter(WebhookEventQuery query) => Task.FromResult(new WebhookPage<WebhookEvent>(
        [
            .. Enumerable.Range(0, query.Limit).Select(_ => new WebhookEvent
            {
                Id = Guid.CreateVersion7(),
                Trigger = "order.created",
                Tenant = "",
                Target = null,
                IdempotencyKey = null,
                PublishedAt = DateTimeOffset.UnixEpoch,
                PayloadSize = 2,
                Payload = null,
            }),
        ],
        "more"));
}

/// <summary>A service that writes down what it is called for.</summary>
public class Calls : DispatchProxy
{
    private List<string> _calls = null!;
    private Func<object?[], object> _answer = null!;

    internal static T To<T>(List<string> calls, Func<object?[], object> answer)
        where T : class
    {
        var proxy = Create<T, Calls>();
        ((Calls)(object)proxy)._calls = calls;
        ((Calls)(object)proxy)._answer = answer;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        _calls.Add(targetMethod!.Name);
        return _answer(args!);
    }
}
