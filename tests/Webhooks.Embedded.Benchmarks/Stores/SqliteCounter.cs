using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Webhooks.Embedded.Benchmarks.Stores;

/// <summary>
/// Counts what SQLite does on every connection of this process, the product's own included: SQLite calls an entry point for each connection that is
/// opened, and that one asks to be told of commits, and where it is wanted of statements.
/// </summary>
internal static unsafe partial class SqliteCounter
{
    private const string Library = "e_sqlite3";
    private const uint TraceStatements = 1;

    private static long s_commits;
    private static long s_statements;
    private static long s_transactions;

    /// <summary>Whether statements are counted on connections that are opened from now on. It costs a call each.</summary>
    public static bool CountsStatements { get; set; }

    /// <summary>Commits that wrote something.</summary>
    public static long Commits => Interlocked.Read(ref s_commits);

    public static StatementCount Statements => new(Interlocked.Read(ref s_statements), Interlocked.Read(ref s_transactions));

    public static void Install() => Require(AutoExtension(&Opened));

    private static void Require(int result)
    {
        if (result != 0)
        {
            throw new InvalidOperationException($"SQLite does not let itself be counted: {result}.");
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Opened(nint connection, nint error, nint api)
    {
        CommitHook(connection, &Committed, 0);
        if (CountsStatements)
        {
            return Trace(connection, TraceStatements, &Traced, connection);
        }

        return 0;
    }

    // 0: let it commit.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Committed(nint context)
    {
        Interlocked.Increment(ref s_commits);
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Traced(uint kind, nint connection, nint statement, byte* sql)
    {
        Interlocked.Increment(ref s_statements);

        // Outside of a transaction: it begins one, or is one of its own.
        if (IsOutsideTransaction(connection) != 0)
        {
            Interlocked.Increment(ref s_transactions);
        }

        return 0;
    }

    [LibraryImport(Library, EntryPoint = "sqlite3_auto_extension")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    private static partial int AutoExtension(delegate* unmanaged[Cdecl]<nint, nint, nint, int> entryPoint);

    [LibraryImport(Library, EntryPoint = "sqlite3_commit_hook")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    private static partial nint CommitHook(nint connection, delegate* unmanaged[Cdecl]<nint, int> hook, nint context);

    [LibraryImport(Library, EntryPoint = "sqlite3_trace_v2")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    private static partial int Trace(nint connection, uint mask, delegate* unmanaged[Cdecl]<uint, nint, nint, byte*, int> callback, nint context);

    [LibraryImport(Library, EntryPoint = "sqlite3_get_autocommit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    private static partial int IsOutsideTransaction(nint connection);
}
