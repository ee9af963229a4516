using Npgsql;

namespace Webhooks.Embedded.PostgreSql;

/// <summary>Which failures may be over when the same is tried again.</summary>
internal static class PostgreSqlFaults
{
    // idle_in_transaction_session_timeout
    private const string IdleInTransaction = "25P03";

    public static bool IsTransient(Exception exception) => exception switch
    {
        WebhookStoreException { IsTransient: var isTransient } => isTransient,
        PostgresException fault => fault.IsTransient || IsTransient(fault.SqlState),

        // Out of reach, cut off, too slow, or no connection to be had from the pool.
        NpgsqlException fault => fault.IsTransient || fault.InnerException is IOException or TimeoutException or System.Net.Sockets.SocketException,
        TimeoutException => true,
        _ => false,
    };

    private static bool IsTransient(string sqlState) =>
        sqlState.StartsWith("08", StringComparison.Ordinal)
        || sqlState is PostgresErrorCodes.SerializationFailure
            or PostgresErrorCodes.DeadlockDetected
            or PostgresErrorCodes.LockNotAvailable
            or PostgresErrorCodes.QueryCanceled
            or PostgresErrorCodes.AdminShutdown
            or PostgresErrorCodes.CrashShutdown
            or PostgresErrorCodes.CannotConnectNow
            or PostgresErrorCodes.TooManyConnections
            or PostgresErrorCodes.OutOfMemory

            // This node stopped in a transaction for so long that the server ended it.
            or IdleInTransaction

            // People free space, and retention does.
            or PostgresErrorCodes.DiskFull

            // After a failover, until the connections go to the new primary.
            or PostgresErrorCodes.ReadOnlySqlTransaction;
}
