namespace Webhooks.Embedded.Benchmarks.Stores;

/// <summary>A database of one run.</summary>
internal interface IBenchmarkDatabase : IAsyncDisposable
{
    string ConnectionString { get; }

    void Use(IWebhooksBuilder webhooks);

    Task ExecuteAsync(string sql);

    /// <summary>How many rows a table has.</summary>
    Task<long> CountAsync(string table);

    /// <summary>Fills a table with copies of its own rows, which the product has written, under ids from <paramref name="firstId"/> on.</summary>
    Task CopyAsync(string table, int copies, long firstId);

    /// <summary>The bytes in use: of all that stays, and not of the queue, whose room is used again and again.</summary>
    Task<long> SizeAsync();

    /// <summary>Commits so far, counted when no app is connected any more. Of SQLite those that wrote something, of PostgreSQL all.</summary>
    Task<long> CommitsAsync();

    /// <summary>Statements so far, in a database that counts them.</summary>
    Task<StatementCount> StatementsAsync();
}

/// <summary>What an engine was asked.</summary>
/// <param name="Statements">SQL statements, those that begin and end transactions among them.</param>
/// <param name="Transactions">Transactions, those that only read among them.</param>
internal sealed record StatementCount(long Statements, long Transactions)
{
    public static StatementCount operator -(StatementCount now, StatementCount before) =>
        new(now.Statements - before.Statements, now.Transactions - before.Transactions);
}
