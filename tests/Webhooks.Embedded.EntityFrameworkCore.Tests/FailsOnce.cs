using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace Webhooks.Embedded.EntityFrameworkCore.Tests;

/// <summary>Loses the first commit, before it reaches the server.</summary>
internal sealed class FailsOnce : DbTransactionInterceptor
{
    private bool _hasFailed;

    public override ValueTask<InterceptionResult> TransactionCommittingAsync(
        DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        if (!_hasFailed)
        {
            _hasFailed = true;
            throw new NpgsqlException("The connection is lost.", new IOException());
        }

        return ValueTask.FromResult(result);
    }
}
