namespace Webhooks.Embedded.Storage;

/// <summary>
/// What this node knows of the webhooks. Changes made by this node are known at once; changes by others as soon as a transaction or a
/// claim shows a newer version, which the dispatcher looks for once in a poll interval.
/// </summary>
internal sealed class WebhookDirectory(CatalogueRepository webhooks) : IDisposable
{
    private readonly SemaphoreSlim _reading = new(1);
    private volatile WebhookSnapshot _current = WebhookSnapshot.None;
    private long _wantedVersion;

    /// <summary>What is known now, without asking the store.</summary>
    public WebhookSnapshot Current => _current;

    /// <summary>Says that the store has, or has had, this version.</summary>
    public void Expect(long version)
    {
        long wanted;
        do
        {
            wanted = Interlocked.Read(ref _wantedVersion);
        }
        while (version > wanted && Interlocked.CompareExchange(ref _wantedVersion, version, wanted) != wanted);
    }

    /// <summary>Takes what somebody else read, where it is newer than what is known.</summary>
    public void Remember(WebhookSnapshot read)
    {
        Expect(read.Version);
        WebhookSnapshot known;
        do
        {
            known = _current;
        }
        while (read.Version > known.Version && Interlocked.CompareExchange(ref _current, read, known) != known);
    }

    /// <summary>What is known, read anew where a newer version is expected.</summary>
    public async ValueTask<WebhookSnapshot> GetAsync(CancellationToken cancellationToken)
    {
        if (_current.Version >= Interlocked.Read(ref _wantedVersion))
        {
            return _current;
        }

        await _reading.WaitAsync(cancellationToken);
        try
        {
            WebhookSnapshot known;
            while ((known = _current).Version < Interlocked.Read(ref _wantedVersion))
            {
                // Where something was remembered meanwhile, what was read here may be older. To go back to it would be to forget webhooks, and a
                // delivery of a webhook that nobody knows is cancelled.
                var read = await webhooks.LoadAsync(cancellationToken);
                if (Interlocked.CompareExchange(ref _current, read, known) == known)
                {
                    break;
                }
            }

            return _current;
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>Asks the store for its version, and reads what is known anew where that is newer.</summary>
    public async ValueTask<WebhookSnapshot> RefreshAsync(CancellationToken cancellationToken)
    {
        Expect(await webhooks.VersionAsync(cancellationToken));
        return await GetAsync(cancellationToken);
    }

    public void Dispose() => _reading.Dispose();
}
