namespace Webhooks.Embedded.Egress;

/// <summary>
/// How far one request has come, as the connections tell it. Exceptions alone do not say which of its stages a request died in, nor
/// whether its connection was opened for it or kept from an earlier one.
/// </summary>
internal sealed class RequestProgress
{
    private static readonly HttpRequestOptionsKey<RequestProgress> Key = new("Webhooks.Embedded.Progress");

    // A connection does not know what it is used for; the one who writes to it does.
    private static readonly AsyncLocal<RequestProgress?> UnderWay = new();

    private volatile WatchedConnection? _connection;
    private volatile bool _isConnected;
    private volatile bool _isOnKeptConnection;
    private volatile bool _hasAnswer;

    /// <summary>The request that the caller is sending; null where nobody follows it.</summary>
    public static RequestProgress? Current => UnderWay.Value;

    public RequestStage Stage => (_connection, _isConnected) switch
    {
        (not null, _) => RequestStage.Sending,
        (_, true) => RequestStage.Securing,
        _ => RequestStage.Connecting,
    };

    /// <summary>Whether it was sent on a connection that had been opened earlier, and not a byte came back.</summary>
    public bool IsUnansweredOnKeptConnection => _connection is not null && _isOnKeptConnection && !_hasAnswer;

    /// <summary>The connection it is on; null until the first byte is written.</summary>
    public WatchedConnection? Connection => _connection;

    /// <summary>The progress of a request; null where nobody follows it.</summary>
    public static RequestProgress? Of(HttpRequestMessage request) =>
        request.Options.TryGetValue(Key, out var progress) ? progress : null;

    /// <summary>Follows a request, which the caller is about to send. Ends when the calling method does.</summary>
    public void Follow(HttpRequestMessage request)
    {
        request.Options.Set(Key, this);
        UnderWay.Value = this;
    }

    /// <summary>Somebody is at the other end.</summary>
    public void Connected() => _isConnected = true;

    /// <summary>The first byte is about to be written.</summary>
    public void SendingOn(WatchedConnection connection, bool isKept)
    {
        _isOnKeptConnection = isKept;
        _connection = connection;
    }

    /// <summary>A byte came back.</summary>
    public void Answered() => _hasAnswer = true;
}
