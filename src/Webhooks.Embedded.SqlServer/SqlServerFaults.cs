using System.Collections.Frozen;
using Microsoft.Data.SqlClient;

namespace Webhooks.Embedded.SqlServer;

/// <summary>What the server's error numbers mean to the store.</summary>
internal static class SqlServerFaults
{
    // From this severity on the server has ended the connection.
    private const byte FatalClass = 20;

    private static readonly FrozenSet<int> Transient = FrozenSet.ToFrozenSet(
    [
        -2, // the command took too long
        -1, 20, 64, 121, 233, 258, 10053, 10054, 10060, 10061, 11001, // the way to the server
        701, 802, 1204, 8645, 8651, // no memory or no locks left
        1105, 1101, 9002, // the disk or the log is full: people free space, and retention does
        1205, 1222, 3960, // chosen as the victim of a deadlock; waited too long for a lock; a snapshot that was overtaken
        923, 924, 927, 942, 945, 983, 9001, // the database is being restored, moved or started
        976, 978, 3906, // this replica is not the primary one (any more)
        4060, 4221, 6005, // the database cannot be opened yet; the server is shutting down
        10928, 10929, 10936, 40143, 40197, 40501, 40540, 40549, 40550, 40551, 40552, 40553, 40613, // Azure SQL: limits and moves
        49918, 49919, 49920,
    ]);

    /// <summary>Whether the same may work later.</summary>
    public static bool IsTransient(SqlException exception) =>
        exception.Class >= FatalClass || exception.Errors.Cast<SqlError>().Any(error => Transient.Contains(error.Number));

    /// <summary>Whether the server ended this transaction for the sake of another.</summary>
    public static bool IsDeadlock(SqlException exception) => exception.Errors.Cast<SqlError>().Any(error => error.Number == 1205);

    /// <summary>Whether another transaction holds what this one needs, and held it for as long as was to be waited.</summary>
    public static bool IsBlocked(SqlException exception) => exception.Errors.Cast<SqlError>().Any(error => error.Number == 1222);

    /// <summary>Whether what was to be inserted is there already: by a unique index or a unique constraint.</summary>
    public static bool IsDuplicate(SqlException exception) =>
        exception.Errors.Cast<SqlError>().Any(error => error.Number is 2601 or 2627);
}
