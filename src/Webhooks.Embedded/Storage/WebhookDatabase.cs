using System.Data.Common;
using Webhooks.Embedded.Storage.Migrations;

namespace Webhooks.Embedded.Storage;

/// <summary>The way to the store for everything but the writer loop and the claims. The schema is brought up to date before the first use.</summary>
internal sealed class WebhookDatabase(SqlDialect dialect, MigrationRunner migrations) : IDisposable
{
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
                await dialect.PrepareAsync(cancellationToken);
                await migrations.ApplyAsync(cancellationToken);
                _ready = true;
            }
        }
        finally
        {
            _preparing.Release();
        }
    }

    public async Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellationToken)
    {
        await EnsureReadyAsync(cancellationToken);
        await using var connection = await dialect.OpenAsync(cancellationToken);
        return await read(connection);
    }

    /// <summary>Runs in one transaction, which is committed when <paramref name="write"/> returns and rolled back when it throws.</summary>
    public async Task<T> WriteAsync<T>(Func<DbConnection, DbTransaction, Task<T>> write, CancellationToken cancellationToken)
    {
        await EnsureReadyAsync(cancellationToken);
        await using var scope = await dialect.BeginWriteAsync(cancellationToken);
        var result = await write(scope.Connection, scope.Transaction);
        await scope.CommitAsync(cancellationToken);
        return result;
    }

    public void Dispose() => _preparing.Dispose();
}
