using System.Data.Common;

namespace Webhooks.Embedded.Storage;

/// <summary>
/// What differs between database engines: how to connect, and the few statements that cannot be written once. Everything else is portable
/// SQL in the repository method that runs it.
/// </summary>
internal abstract class SqlDialect : IAsyncDisposable
{
    /// <summary>The engine, as people call it.</summary>
    public abstract string Engine { get; }

    public abstract WebhookTables Tables { get; }

    /// <summary>Where the store is, without credentials; for messages.</summary>
    public abstract string Location { get; }

    /// <summary>Whether one transaction at a time can write, and all others wait for its end.</summary>
    public virtual bool HasOneWriter => false;

    /// <summary>The migrations of this engine, in order.</summary>
    public abstract IReadOnlyList<Migrations.Migration> Migrations { get; }

    /// <summary>Makes sure that the store can be used at all, before the first connection. Called once, and again after it threw.</summary>
    public virtual Task PrepareAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>An open connection for reading.</summary>
    public abstract ValueTask<DbConnection> OpenAsync(CancellationToken cancellationToken);

    /// <summary>A transaction for writing. Where the engine has one writer, this waits for its turn.</summary>
    public abstract ValueTask<WriteScope> BeginWriteAsync(CancellationToken cancellationToken);

    /// <summary>Locks the schema for the transaction, where a writing transaction alone does not.</summary>
    public virtual Task LockSchemaAsync(WriteScope scope, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The statements that make the schema, where one is named, and the table of the applied migrations, where they are not there.</summary>
    public virtual string CreateMigrationsTable =>
        $"""
        create table if not exists {Tables.Migrations}
            (version int not null primary key, name varchar(100) not null, compatible_from int not null, applied_at bigint not null)
        """;

    /// <summary>The query for the number of tables of applied migrations: 1 or 0.</summary>
    public abstract string FindMigrationsTable { get; }

    /// <summary>What begins a script of migrations, so that it is applied as a whole or not at all. It ends with <c>commit;</c>.</summary>
    public virtual string BeginScript => "begin;";

    /// <summary>The expression for the time of the database, in Unix milliseconds.</summary>
    public abstract string CurrentTime { get; }

    /// <summary>Reads the clock of the store; null where it is the node's own.</summary>
    public virtual Task<ClockReading?> ReadClockAsync(CancellationToken cancellationToken) => Task.FromResult<ClockReading?>(null);

    /// <summary>Writes a batch in one transaction. When this returns, it is durable and every item knows what became of it; when it throws,
    /// nothing is stored, or the answer to the commit was lost: then the same batch is written again, and what is stored already is found.</summary>
    public abstract Task WriteAsync(StoreBatch batch, CancellationToken cancellationToken);

    /// <summary>
    /// Writes one event on the transaction of a caller, who commits or not: event and deliveries, none of them leased, due at <paramref name="now"/>.
    /// When this returns, the event knows what became of it.
    /// </summary>
    /// <param name="newEvent">The event.</param>
    /// <param name="now">Store time.</param>
    /// <param name="transaction">It has not ended; the publisher has looked.</param>
    /// <param name="cancellationToken">Stops the writing.</param>
    /// <exception cref="ArgumentException">The transaction is of another engine or another database.</exception>
    public abstract Task InsertAsync(NewEvent newEvent, long now, DbTransaction transaction, CancellationToken cancellationToken);

    /// <summary>
    /// Claims due deliveries: those whose due time has come, which is also how a lease ends. A claim that follows an ended lease records
    /// the attempt that was never reported as interrupted.
    /// </summary>
    public abstract Task<ClaimResult> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken);

    /// <summary>Whether the same may work later: the store is busy, out of reach, or chose this transaction as a victim.</summary>
    public abstract bool IsTransient(Exception exception);

    /// <summary>Whether it waited long enough for what another transaction has locked. The rest of a batch need not wait for that, too.</summary>
    public virtual bool IsBlocked(Exception exception) => false;

    /// <summary>The clause that ends a query after <c>@Limit</c> rows, having passed over <c>@Offset</c>.</summary>
    public virtual string Page => "limit @Limit offset @Offset";

    /// <summary>An insert into a table that numbers its rows, with numbers of its own.</summary>
    public virtual string InsertWithId(string table, string insert) => insert;

    /// <summary>A UUID as the engine's columns have it.</summary>
    public virtual object ToColumn(Guid uid) => uid;

    /// <summary>A UUID as read from a column.</summary>
    public static Guid ToGuid(object column) => column as Guid? ?? Guid.Parse((string)column);

    public abstract ValueTask DisposeAsync();
}
