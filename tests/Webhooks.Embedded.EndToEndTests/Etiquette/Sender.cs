using Microsoft.Extensions.DependencyInjection;
using Webhooks.Embedded.Dispatching;
using Webhooks.Embedded.Signing;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.EndToEndTests.Etiquette;

/// <summary>An app of whose dispatcher only the sending of attempts is used: no log, no schedule, no breaker between a test and what came of a request.</summary>
internal sealed class Sender : IAsyncDisposable
{
    /// <summary>Where nothing is waited for: more than a busy machine takes.</summary>
    public static readonly TimeSpan Ample = TimeSpan.FromSeconds(10);

    /// <summary>Where it is the timeout that ends an attempt.</summary>
    public static readonly TimeSpan Short = TimeSpan.FromMilliseconds(600);

    /// <summary>What a whole attempt with a short timeout may take: that, 2 s for the body, and a busy machine's delays.</summary>
    public static readonly TimeSpan Longest = Short + TimeSpan.FromSeconds(2) + TimeSpan.FromSeconds(3);

    private readonly WebhooksApp _app;

    private Sender(WebhooksApp app) => _app = app;

    public static Sender Create(Action<WebhooksOptions>? configure = null, Action<IServiceCollection>? services = null) =>
        new(WebhooksApp.Create(configure, services));

    public async Task<Dispatching.Answer> SendAsync(
        string url, Guid? id = null, TimeSpan? timeout = null, int bodyLength = 17, bool verifyTls = true, CancellationToken stopping = default)
    {
        var webhook = new WebhookRow { Id = 1, Url = url, Triggers = "*", Enabled = true, VerifyTls = verifyTls }
            .ToKnown([], _app.Services.GetRequiredService<SecretVault>());
        var headers = RequestHeaders.For(id ?? Guid.NewGuid(), "order.created", 0, "v1,c2lnbmF0dXJl");
        var body = new byte[bodyLength];
        return await _app.Services.GetRequiredService<AttemptSender>().SendAsync(webhook, headers, body, timeout ?? Ample, stopping);
    }

    /// <summary>The next request to the receiver gets its own answer and nothing that was left over from an earlier one.</summary>
    public async Task NextIsUnharmedAsync(string url)
    {
        var id = Guid.NewGuid();
        var answer = await SendAsync(url, id);
        Assert.Equal((WebhookAttemptOutcome.Delivered, 200, id.ToString(), null), (answer.Outcome, answer.StatusCode, Text(answer), answer.Error));
    }

    public static string? Text(Dispatching.Answer answer) => answer.Body is null ? null : System.Text.Encoding.UTF8.GetString(answer.Body);

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
