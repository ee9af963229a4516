using System.Net;
using Microsoft.Extensions.DependencyInjection;

namespace Webhooks.Embedded.Egress;

/// <summary>The one HTTP client of the library: how requests leave the host.</summary>
internal static class WebhookHttpClient
{
    /// <summary>The name under which the app can add to the client.</summary>
    public const string Name = "Webhooks.Embedded";

    private const int MaxResponseHeadersKilobytes = 16;
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PooledConnectionLifetime = TimeSpan.FromMinutes(2);

    // Shorter than the shortest keep-alive in common use (5 s, Node.js), so that few requests meet a connection that is being closed.
    private static readonly TimeSpan PooledConnectionIdleTimeout = TimeSpan.FromSeconds(4);

    public static bool IsOwn(string? client) => client == Name;

    public static IHttpClientBuilder AddTo(IServiceCollection services) =>
        services.AddHttpClient(Name)
            .UseSocketsHttpHandler((handler, services) =>
            {
                Configure(handler);
                handler.ConnectCallback = services.GetRequiredService<GuardedConnect>().ConnectAsync;
            })

            // What the host adds to all its clients is not for webhooks: a retrying handler would repeat attempts behind the log's back.
            .ConfigureAdditionalHttpMessageHandlers((handlers, _) => handlers.Clear())
            .RemoveAllLoggers()

            // The handler renews its connections itself.
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan);

    internal static void Configure(SocketsHttpHandler handler)
    {
        handler.AllowAutoRedirect = false;
        handler.UseCookies = false;
        handler.UseProxy = false;
        handler.AutomaticDecompression = DecompressionMethods.None;
        handler.ConnectTimeout = ConnectTimeout;
        handler.PooledConnectionLifetime = PooledConnectionLifetime;
        handler.PooledConnectionIdleTimeout = PooledConnectionIdleTimeout;
        handler.MaxResponseHeadersLength = MaxResponseHeadersKilobytes;
        handler.MaxResponseDrainSize = 0;

        // No traceparent, and above all no baggage, to third parties.
        handler.ActivityHeadersPropagator = null;
    }
}
