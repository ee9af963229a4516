using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;

namespace Webhooks.Embedded.Egress;

/// <summary>
/// Has the last look at the library's client, after the app has configured it. An app may add to it, but not take away the guard, or what
/// follows requests, without anybody noticing: the start fails.
/// </summary>
internal sealed class GuardedHandlerFilter : IHttpMessageHandlerBuilderFilter
{
    public Action<HttpMessageHandlerBuilder> Configure(Action<HttpMessageHandlerBuilder> next) => builder =>
    {
        next(builder);
        if (WebhookHttpClient.IsOwn(builder.Name))
        {
            Check(builder.PrimaryHandler);
            AddVariants(builder);
            builder.AdditionalHandlers.Add(new Http3Refusal());
        }
    };

    // What the app added stands above all variants, and is called once for a request.
    private static void AddVariants(HttpMessageHandlerBuilder builder)
    {
        if (builder.Name == WebhookHttpClient.Name)
        {
            builder.AdditionalHandlers.Add(new VariantHandler(name => builder.Services.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler(name)));
        }
        else
        {
            builder.AdditionalHandlers.Clear();
        }
    }

    private static void Check(HttpMessageHandler handler)
    {
        if (handler is not SocketsHttpHandler sockets)
        {
            throw Unguarded(
                $"its primary handler is a {handler.GetType().Name}", "Leave the primary handler as it is; UseSocketsHttpHandler() configures it, AddHttpMessageHandler() adds to it.");
        }

        if (sockets.ConnectCallback?.Target is not GuardedConnect)
        {
            throw Unguarded("its ConnectCallback was replaced", "Leave ConnectCallback as it is.");
        }

        if (sockets.UseProxy)
        {
            throw Unguarded("it uses a proxy, and what a proxy connects to cannot be checked here", "Leave UseProxy at false.");
        }

        if (sockets.AllowAutoRedirect)
        {
            throw Unguarded("it follows redirects", "Leave AllowAutoRedirect at false.");
        }

        if (sockets.PlaintextStreamFilter != WebhookHttpClient.Watch)
        {
            throw new InvalidOperationException(
                "The HTTP client of webhooks no longer sees how far its requests come, so that one on a dead connection would not be sent once more: its PlaintextStreamFilter "
                + "was replaced. Leave PlaintextStreamFilter as it is. (ConfigureHttpClient)");
        }
    }

    private static InvalidOperationException Unguarded(string what, string cure) =>
        new($"The HTTP client of webhooks has lost its guard against requests into the app's own network: {what}. {cure} (ConfigureHttpClient)");
}
