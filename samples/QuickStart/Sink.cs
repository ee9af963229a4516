using System.Text;
using Webhooks.Embedded;

namespace QuickStart;

/// <summary>A receiver to try things out with: it verifies what comes, remembers it, and answers as it was told to.</summary>
internal sealed class Sink(string secret)
{
    private const int Remembered = 1_000;

    private readonly Lock _lock = new();
    private readonly Queue<ReceivedRequest> _requests = new();
    private WebhookVerifier _verifier = new([secret]);
    private SinkAnswer _answer = new(StatusCodes.Status200OK, DelayMs: 0);
    private int _count;

    public SinkAnswer Answer => Volatile.Read(ref _answer);

    public ReceivedRequest Receive(byte[] body, IHeaderDictionary headers)
    {
        var verification = Volatile.Read(ref _verifier).Verify(body, headers);
        lock (_lock)
        {
            var request = new ReceivedRequest(
                ++_count,
                TimeProvider.System.GetUtcNow(),
                verification.IsValid,
                verification.Message,
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

    /// <summary>What came, the newest first.</summary>
    public SinkContent Show()
    {
        lock (_lock)
        {
            return new SinkContent(_count, Answer, [.. _requests.Reverse()]);
        }
    }

    /// <summary>Changes what is given and leaves the rest as it is.</summary>
    public void Change(SinkChange change)
    {
        if (change.Secret is not null)
        {
            Volatile.Write(ref _verifier, new WebhookVerifier([change.Secret, secret]));
        }

        lock (_lock)
        {
            _answer = new SinkAnswer(change.Status ?? _answer.Status, change.DelayMs ?? _answer.DelayMs);
        }
    }
}

/// <summary>One request as it came.</summary>
/// <param name="Number">Counted from 1 since the start of the program.</param>
/// <param name="ReceivedAt">When it came.</param>
/// <param name="Verified">Whether it is signed with a secret of the sink, unchanged and in time.</param>
/// <param name="Reason">Why it is verified or not.</param>
/// <param name="Headers">Its headers.</param>
/// <param name="Body">Its body, read as UTF-8.</param>
internal sealed record ReceivedRequest(
    int Number, DateTimeOffset ReceivedAt, bool Verified, string Reason, Dictionary<string, string> Headers, string Body);

/// <summary>What a sink answers, and after how many milliseconds.</summary>
internal sealed record SinkAnswer(int Status, int DelayMs);

/// <summary>What a sink shows. The count goes on when the oldest requests are forgotten.</summary>
internal sealed record SinkContent(int Count, SinkAnswer Answers, IReadOnlyList<ReceivedRequest> Requests);

/// <summary>What can be set on a sink.</summary>
internal sealed record SinkChange(int? Status, int? DelayMs, string? Secret);
