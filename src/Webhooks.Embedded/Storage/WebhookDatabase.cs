using System.Data.Common;
using Webhooks.Embedded.Storage.Migrations;

namespace Webhooks.Embedded.Storage;

/// <summary>The way to the store for everything but the writer loop and the claims. The schema is brought up to date before the first use.</summary>
internal sealed class WebhookDatabase(SqlDialect dialect, MigrationRunner migrations, StoreClock clock) : IDisposable
{
    private const int Tries = 3;

    private readonly SemaphoreSlim _preparing = new(1);
    private volatile bool _ready;

    public SqlDialect Dialect => dialect;

    /// <summary>Makes the store usable. A failure is not remembered: the next call tries again.</summary>
    public async ValueTask EnsureReadyAsync(CancellationToken cancellationToken)
    {
        if (_ready)
        {
            return;
        }

        await _preparing.WaitAsync(cancellationToken);
        try
        {
            if (!_ready)
            {
                await PrepareAsync(cancellationToken);
                _ready = true;
            }
        }
        finally
        {
            _preparing.Release();
        }
    }

    /// <summary>
    /// Makes the store usable for a caller whose transaction is open. Where there is one writer, the caller may be it: to make the schema would
    /// be to wait for the caller, who waits for us.
    /// </summary>
    /// <exception cref="WebhookStoreException">The store was not used before, and there is one writer.</exception>
    public ValueTask EnsureReadyInTransactionAsync(CancellationToken cancellationToken)
    {
        if (!_ready && dialect.HasOneWriter)
        {
            throw new WebhookStoreException(
                $"The store {dialect.Location} is not open yet, and cannot be opened while a transaction is. Start the host before you publish in a transaction, "
                + "or, without a host, read the webhooks once before you begin the transaction.");
        }

        return EnsureReadyAsync(cancellationToken);
    }

    public async Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellationToken)
    {
        await EnsureReadyAsync(cancellationToken);
        try
        {
            await using var connection = await dialect.OpenAsync(cancellationToken);
            return await read(connection);
        }
        catch (DbException exception)
        {
            throw Failed("read", exception);
        }
    }

    /// <summary>
    /// Runs in one transaction, which is committed when <paramref name="write"/> returns and rolled back when it throws. Where the engine chose
    /// it as a victim or was away, it is run again, so it must have no effect but on the store.
    /// </summary>
    public async Task<T> WriteAsync<T>(Func<DbConnection, DbTransaction, Task<T>> write, CancellationToken cancellationToken)
    {
        await EnsureReadyAsync(cancellationToken);
        for (var attempt = 1; ; attempt++)
        {
            var isCommitting = false;
            try
            {
                await using var scope = await dialect.BeginWriteAsync(cancellationToken);
                var result = await write(scope.Connection, scope.Transaction);
                isCommitting = true;
                await scope.CommitAsync(cancellationToken);
                return result;
            }
            catch (DbException exception) when (attempt < Tries && !isCommitting && dialect.IsTransient(exception))
            {
                // Nothing is stored: the commit was not reached. A little later, and not in step with whoever it collided with.
                await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(10, 50) * attempt), clock.TimeProvider, cancellationToken);
            }
            catch (DbException exception)
            {
                throw Failed("written", exception);
            }
        }
    }

    /// <summary>
    /// Writes an event on the transaction of a caller (<see cref="SqlDialect.InsertAsync"/>). It is not tried again: what a failure left of
    /// the transaction is for the caller to judge.
    /// </summary>
    public Task InsertAsync(NewEvent newEvent, long now, DbTransaction transaction, CancellationToken cancellationToken) =>
        InTransactionAsync(
            async () =>
            {
                await dialect.InsertAsync(newEvent, now, transaction, cancellationToken);
                return newEvent;
            });

    /// <summary>Runs on the transaction of a caller, once.</summary>
    public async Task<T> InTransactionAsync<T>(Func<Task<T>> use)
    {
        try
        {
            return await use();
        }
        catch (DbException exception)
        {
            throw Failed("written in the transaction", exception);
        }
    }

    /// <summary>Whether the same may work later.</summary>
    public bool IsTransient(Exception exception) =>
        exception is WebhookStoreException failure ? failure.IsTransient : dialect.IsTransient(exception);

    public void Dispose() => _preparing.Dispose();

    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        try
        {
            await dialect.PrepareAsync(cancellationToken);
            clock.Follow(await dialect.ReadClockAsync(cancellationToken));
            await migrations.EnsureAsync(cancellationToken);
        }
        catch (DbException exception)
        {
            throw Failed("opened", exception);
        }
    }

    // Drivers' exceptions differ; the app catches one, which names the store.
    private WebhookStoreException Failed(string done, DbException exception) =>
        new($"The store {dialect.Location} could not be {done}: {exception.Message}", exception, dialect.IsTransient(exception));
}
