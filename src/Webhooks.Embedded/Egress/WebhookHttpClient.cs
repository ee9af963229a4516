using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using Microsoft.Extensions.DependencyInjection;

namespace Webhooks.Embedded.Egress;

/// <summary>
/// The one HTTP client of the library: how requests leave the host. Below what the app adds to it there are connections of several
/// variants, each with a handler of its own (<see cref="ConnectionVariant"/>).
/// </summary>
internal static class WebhookHttpClient
{
    /// <summary>The name under which requests are sent; those of the variants begin with it.</summary>
    public const string Name = "Webhooks.Embedded";

    private const int MaxResponseHeadersKilobytes = 16;
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PooledConnectionLifetime = TimeSpan.FromMinutes(2);

    // Shorter than the shortest keep-alive in common use (5 s, Node.js), so that few requests meet a connection that is being closed.
    private static readonly TimeSpan PooledConnectionIdleTimeout = TimeSpan.FromSeconds(4);

    /// <summary>Follows what goes over a connection. Without it a request on a dead connection would not be sent once more.</summary>
    public static readonly Func<SocketsHttpPlaintextStreamFilterContext, CancellationToken, ValueTask<Stream>> Watch = (context, _) =>
        ValueTask.FromResult<Stream>(new WatchedConnection(context.PlaintextStream, RequestProgress.Of(context.InitialRequestMessage)));

    /// <summary>The names of all variants' clients. What an app adds to one of them is for each.</summary>
    public static IEnumerable<string> Names => ConnectionVariant.All.Select(variant => variant.ClientName);

    /// <summary>Whether a client of the app's is one of ours.</summary>
    public static bool IsOwn(string? client) => Names.Contains(client, StringComparer.Ordinal);

    public static void AddTo(IServiceCollection services)
    {
        foreach (var variant in ConnectionVariant.All)
        {
            services.AddHttpClient(variant.ClientName)

                // What the host sets and adds for all its clients is not for webhooks. Its own handler may have credentials, which would go to whoever
                // asks for them, or take every certificate; one that retries would repeat attempts behind the log's back.
                .ConfigurePrimaryHttpMessageHandler(provider =>
                {
#pragma warning disable RS0030 // Banned elsewhere: this is the one client.
                    var handler = new SocketsHttpHandler { ConnectCallback = provider.GetRequiredService<GuardedConnect>().ConnectAsync };
#pragma warning restore RS0030
                    Configure(handler, variant);
                    return handler;
                })
                .ConfigureAdditionalHttpMessageHandlers((handlers, _) => handlers.Clear())
                .RemoveAllLoggers()

                // The handler renews its connections itself.
                .SetHandlerLifetime(Timeout.InfiniteTimeSpan);
        }
    }

    private static void Configure(SocketsHttpHandler handler, ConnectionVariant variant)
    {
        handler.AllowAutoRedirect = false;
        handler.UseCookies = false;
        handler.UseProxy = false;
        handler.AutomaticDecompression = DecompressionMethods.None;
        handler.ConnectTimeout = ConnectTimeout;
        handler.PooledConnectionLifetime = variant.IsKept ? PooledConnectionLifetime : TimeSpan.Zero;
        handler.PooledConnectionIdleTimeout = PooledConnectionIdleTimeout;
        handler.MaxResponseHeadersLength = MaxResponseHeadersKilobytes;
        handler.MaxResponseDrainSize = 0;
        handler.SslOptions.EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
        if (!variant.VerifiesTls)
        {
            // Whoever it is for and whoever signed it; without any certificate there is nobody at the other end.
            handler.SslOptions.RemoteCertificateValidationCallback =
                (_, _, _, errors) => !errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable);
        }

        // No traceparent, and above all no baggage, to third parties.
        handler.ActivityHeadersPropagator = null;
        handler.PlaintextStreamFilter = Watch;
    }
}
