using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Webhooks.Embedded.Dispatching;
using Webhooks.Embedded.Egress;

namespace Webhooks.Embedded.Tests.Egress;

/// <summary>The client as an app has it, but for what names lead to.</summary>
internal sealed class GuardedClient : IDisposable
{
    private readonly ServiceProvider _services;

    public GuardedClient(Action<WebhookEgressOptions>? configure = null, Action<IWebhooksBuilder>? add = null)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(Logs));
        var webhooks = services.AddWebhooks(options => configure?.Invoke(options.Egress));
        add?.Invoke(webhooks);
        services.Replace(ServiceDescriptor.Singleton<IHostResolver>(Resolver));
        _services = services.BuildServiceProvider();
    }

    public ScriptedResolver Resolver { get; } = new();

    public LogLines Logs { get; } = new();

    public IServiceProvider Services => _services;

    public HttpMessageHandler Handler => _services.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler(WebhookHttpClient.Name);

    /// <summary>Sends, and says what came of it in the words of the log.</summary>
    public async Task<(WebhookAttemptOutcome Outcome, string? Error)> SendAsync(string url)
    {
        using var client = new HttpMessageInvoker(Handler, disposeHandler: false);
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { VersionPolicy = HttpVersionPolicy.RequestVersionExact };

        // Who is connected to and does not answer ends a test as failed, not the run as hanging.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        try
        {
            using var response = await client.SendAsync(request, patience.Token);
            return response.StatusCode == HttpStatusCode.OK ? (WebhookAttemptOutcome.Delivered, null) : (WebhookAttemptOutcome.HttpError, null);
        }
        catch (Exception exception)
        {
            return AttemptClassifier.Classify(exception, timedOut: false);
        }
    }

    public void Dispose() => _services.Dispose();
}
