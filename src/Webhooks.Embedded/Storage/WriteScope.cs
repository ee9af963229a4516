using System.Data.Common;

namespace Webhooks.Embedded.Storage;

/// <summary>A transaction for writing. Without a commit, disposing it rolls back.</summary>
internal abstract class WriteScope : IAsyncDisposable
{
    public abstract DbConnection Connection { get; }

    public abstract DbTransaction Transaction { get; }

    public abstract Task CommitAsync(CancellationToken cancellationToken);

    public abstract ValueTask DisposeAsync();
}
