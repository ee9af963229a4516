namespace Webhooks.Embedded.Benchmarks.Stores;

/// <summary>An engine with room for databases, and what it costs.</summary>
internal interface IBenchmarkStore : IAsyncDisposable
{
    string Name { get; }

    /// <summary>Whether the engine keeps dead rows for open transactions, and plans by statistics.</summary>
    bool HoldsSnapshots { get; }

    /// <summary>Makes an empty database.</summary>
    Task<IBenchmarkDatabase> CreateAsync();

    /// <summary>The processor time of the engine's own processes so far; zero where it runs in the app's.</summary>
    TimeSpan ProcessorTime();
}

/// <summary>A database of one run.</summary>
internal interface IBenchmarkDatabase : IAsyncDisposable
{
    void Use(IWebhooksBuilder webhooks);

    /// <summary>Runs a script between two runs of the app.</summary>
    Task ExecuteAsync(string sql);

    /// <summary>A transaction that sees the database as it is now, until it is disposed of.</summary>
    Task<IAsyncDisposable> HoldSnapshotAsync();

    /// <summary>The bytes on disk, when nobody is connected.</summary>
    Task<long> SizeAsync();

    /// <summary>Commits so far, when nobody is connected; null where the engine does not count them.</summary>
    Task<long?> CommitsAsync();
}
