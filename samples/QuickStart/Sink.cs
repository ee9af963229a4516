using System.Collections.Concurrent;
using System.Text;
using Webhooks.Embedded;

namespace QuickStart;

/// <summary>The app's sinks, known by their whole paths, since that is how webhooks point at them.</summary>
internal sealed class Sinks(IWebhookRegistry registry)
{
    private readonly ConcurrentDictionary<string, Sink> _sinks = new();

    public Sink At(PathString path) => _sinks.GetOrAdd(path.ToUriComponent(), known => new Sink(known, registry));
}

/// <summary>A receiver to try things out with: it verifies what comes, remembers it, and answers as it was told to.</summary>
internal sealed class Sink(string path, IWebhookRegistry registry)
{
    private const int Remembered = 1_000;

    private readonly Lock _lock = new();
    private readonly Queue<ReceivedRequest> _requests = new();
    private WebhookVerifier? _verifier;
    private SinkSettings _settings = new(StatusCodes.Status200OK, DelayMs: 0, Secret: null);
    private int _count;

    public SinkSettings Settings => Volatile.Read(ref _settings);

    public async Task<ReceivedRequest> ReceiveAsync(byte[] body, IHeaderDictionary headers, CancellationToken cancellationToken)
    {
        var verification = await VerifyAsync(body, headers, cancellationToken);
        lock (_lock)
        {
            var request = new ReceivedRequest(
                ++_count,
                TimeProvider.System.GetUtcNow(),
                verification?.IsValid ?? false,
                verification?.Message ?? "There is no secret to verify with: no webhook points here, and none was set.",
                headers.ToDictionary(header => header.Key, header => header.Value.ToString()),
                Encoding.UTF8.GetString(body));
            _requests.Enqueue(request);
            if (_requests.Count > Remembered)
            {
                _requests.Dequeue();
            }

            return request;
        }
    }

    public SinkContent Show()
    {
        lock (_lock)
        {
            return new SinkContent(_count, new SinkAnswer(_settings.Status, _settings.DelayMs), [.. _requests.Reverse()]);
        }
    }

    /// <summary>Changes what is given and leaves the rest as it is.</summary>
    /// <exception cref="ArgumentException">The secret cannot be one.</exception>
    public void Change(SinkChange change)
    {
        if (change.Secret is not null)
        {
            _ = new WebhookVerifier([change.Secret]);
        }

        lock (_lock)
        {
            _settings = new(change.Status ?? _settings.Status, change.DelayMs ?? _settings.DelayMs, change.Secret ?? _settings.Secret);
            _verifier = null;
        }
    }

    // The secrets are looked up again only when those known do not fit: the webhook may be new, or have a new secret.
    private async Task<WebhookVerification?> VerifyAsync(byte[] body, IHeaderDictionary headers, CancellationToken cancellationToken)
    {
        if (_verifier?.Verify(body, headers) is { IsValid: true } valid)
        {
            return valid;
        }

        var secrets = await SecretsAsync(cancellationToken);
        _verifier = secrets.Count == 0 ? null : new WebhookVerifier(secrets);
        return _verifier?.Verify(body, headers);
    }

    // A receiver of its own would have them from its configuration; this one lives in the sender's app and may ask.
    private async Task<List<string>> SecretsAsync(CancellationToken cancellationToken)
    {
        List<string> secrets = Settings.Secret is { } secret ? [secret] : [];
        string? cursor = null;
        do
        {
            var page = await registry.ListAsync(new() { Cursor = cursor, Limit = 1_000 }, cancellationToken);
            foreach (var webhook in page.Items.Where(webhook => new Uri(webhook.Url).AbsolutePath == path))
            {
                secrets.AddRange(await registry.RevealSecretsAsync(webhook.Id, cancellationToken) ?? []);
            }

            cursor = page.Next;
        }
        while (cursor is not null);

        return secrets;
    }
}

/// <summary>One request as it came.</summary>
/// <param name="Number">Counted from 1 since the start of the program.</param>
/// <param name="ReceivedAt">When it came.</param>
/// <param name="Verified">Whether it is signed with the secret of a webhook that points here, unchanged and in time.</param>
/// <param name="Reason">Why it is verified or not.</param>
/// <param name="Headers">Its headers.</param>
/// <param name="Body">Its body, read as UTF-8.</param>
internal sealed record ReceivedRequest(
    int Number, DateTimeOffset ReceivedAt, bool Verified, string Reason, Dictionary<string, string> Headers, string Body);

/// <summary>What a sink shows: the newest request first. The count goes on when the oldest are forgotten.</summary>
internal sealed record SinkContent(int Count, SinkAnswer Answers, IReadOnlyList<ReceivedRequest> Requests);

/// <summary>What a sink answers, and after how many milliseconds.</summary>
internal sealed record SinkAnswer(int Status, int DelayMs);

/// <summary>What can be changed of a sink. The secret is for senders that are not this app.</summary>
internal sealed record SinkChange(int? Status, int? DelayMs, string? Secret);

internal sealed record SinkSettings(int Status, int DelayMs, string? Secret);
