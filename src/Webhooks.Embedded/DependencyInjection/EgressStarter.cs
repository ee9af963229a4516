using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Webhooks.Embedded.Egress;

namespace Webhooks.Embedded.DependencyInjection;

/// <summary>Makes the client at the start, so that an app that has taken its guard away does not come up, and says what was opened.</summary>
internal sealed partial class EgressStarter(IHttpMessageHandlerFactory handlers, LiveOptions options, ILogger<EgressStarter> logger) : IHostedService
{
    private readonly ILogger _logger = logger;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var name in WebhookHttpClient.Names)
        {
            // Kept by the factory, which gives it to the sender later.
            _ = handlers.CreateHandler(name);
        }

        if (options.Current.Egress.AllowLoopback)
        {
            LogLoopbackAllowed();
        }

        if (options.Current.Egress.AllowMetadata)
        {
            LogMetadataAllowed();
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(2252, LogLevel.Warning, "Webhooks may reach this machine itself (Egress:AllowLoopback), and whatever trusts local callers. That is for development", EventName = "EgressLoopbackAllowed")]
    private partial void LogLoopbackAllowed();

    [LoggerMessage(2253, LogLevel.Warning, "Webhooks may reach link-local and metadata addresses (Egress:AllowMetadata), where clouds hand out credentials", EventName = "EgressMetadataAllowed")]
    private partial void LogMetadataAllowed();
}
