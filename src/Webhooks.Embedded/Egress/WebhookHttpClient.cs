using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using Microsoft.Extensions.DependencyInjection;

namespace Webhooks.Embedded.Egress;

/// <summary>
/// The one HTTP client of the library: how requests leave the host. It has four variants, each with connections that no other one
/// uses: the receiver's certificate is verified or not, and a connection is kept for the next request or opened for one alone.
/// </summary>
internal static class WebhookHttpClient
{
    /// <summary>The name of the variant that nearly all requests take: verified, and kept.</summary>
    public const string Name = "Webhooks.Embedded";

    private const int MaxResponseHeadersKilobytes = 16;
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PooledConnectionLifetime = TimeSpan.FromMinutes(2);

    // Shorter than the shortest keep-alive in common use (5 s, Node.js), so that few requests meet a connection that is being closed.
    private static readonly TimeSpan PooledConnectionIdleTimeout = TimeSpan.FromSeconds(4);

    private static readonly (string Name, bool VerifiesTls, bool KeepsConnections)[] Variants =
    [
        (Name, true, true),
        ($"{Name}.Fresh", true, false),
        ($"{Name}.Unverified", false, true),
        ($"{Name}.Unverified.Fresh", false, false),
    ];

    /// <summary>The names of all variants. What an app adds to the client it adds to each.</summary>
    public static IEnumerable<string> Names => Variants.Select(variant => variant.Name);

    public static string NameOf(bool verifiesTls, bool keepsConnections) =>
        Variants.Single(variant => variant.VerifiesTls == verifiesTls && variant.KeepsConnections == keepsConnections).Name;

    public static void AddTo(IServiceCollection services)
    {
        foreach (var (name, verifiesTls, keepsConnections) in Variants)
        {
            services.AddHttpClient(name)
                .UseSocketsHttpHandler((handler, _) => Configure(handler, verifiesTls, keepsConnections))

                // What the host adds to all its clients is not for webhooks: a retrying handler would repeat attempts behind the log's back.
                .ConfigureAdditionalHttpMessageHandlers((handlers, _) => handlers.Clear())
                .RemoveAllLoggers()

                // The handler renews its connections itself.
                .SetHandlerLifetime(Timeout.InfiniteTimeSpan);
        }
    }

    private static void Configure(SocketsHttpHandler handler, bool verifiesTls, bool keepsConnections)
    {
        handler.AllowAutoRedirect = false;
        handler.UseCookies = false;
        handler.UseProxy = false;
        handler.AutomaticDecompression = DecompressionMethods.None;
        handler.ConnectTimeout = ConnectTimeout;
        handler.PooledConnectionLifetime = keepsConnections ? PooledConnectionLifetime : TimeSpan.Zero;
        handler.PooledConnectionIdleTimeout = PooledConnectionIdleTimeout;
        handler.MaxResponseHeadersLength = MaxResponseHeadersKilobytes;
        handler.MaxResponseDrainSize = 0;
        handler.SslOptions.EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
        if (!verifiesTls)
        {
            // Whoever it is for and whoever signed it; without any certificate there is nobody at the other end.
            handler.SslOptions.RemoteCertificateValidationCallback =
                (_, _, _, errors) => !errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable);
        }

        // No traceparent, and above all no baggage, to third parties.
        handler.ActivityHeadersPropagator = null;
        handler.PlaintextStreamFilter = (context, _) =>
            ValueTask.FromResult<Stream>(new WatchedConnection(context.PlaintextStream, RequestProgress.Of(context.InitialRequestMessage)));
    }
}
