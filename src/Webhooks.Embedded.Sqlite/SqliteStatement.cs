using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Webhooks.Embedded.Sqlite;

/// <summary>
/// A statement of the writer's connection, prepared at its first use and kept. Its parameters are <c>?1</c>, <c>?2</c> and so on, bound by
/// position: a command of ADO.NET looks each up by its name, and makes a reader for what returns no rows.
/// </summary>
internal sealed class SqliteStatement(SqliteConnection connection, string sql) : IDisposable
{
    private readonly sqlite3 _database = connection.Handle!;
    private sqlite3_stmt? _statement;

    /// <summary>Executes it and returns how many rows it changed.</summary>
    public int Execute(params ReadOnlySpan<object?> values)
    {
        using var rows = Query(values);
        rows.Read();
        return raw.sqlite3_changes(_database);
    }

    /// <summary>The number that is the first row's first column.</summary>
    public long Number()
    {
        using var rows = Query();
        rows.Read();
        return rows.Number(0);
    }

    /// <summary>Begins it. The rows are to be disposed before the statement is used again, and before the commit.</summary>
    public Rows Query(params ReadOnlySpan<object?> values)
    {
        var statement = _statement ??= Prepare();
        for (var i = 0; i < values.Length; i++)
        {
            SqliteException.ThrowExceptionForRC(Bind(statement, i + 1, values[i]), _database);
        }

        return new Rows(_database, statement);
    }

    public void Dispose() => _statement?.Dispose();

    private sqlite3_stmt Prepare()
    {
        SqliteException.ThrowExceptionForRC(
            raw.sqlite3_prepare_v3(_database, sql, raw.SQLITE_PREPARE_PERSISTENT, out var statement), _database);
        return statement;
    }

    private static int Bind(sqlite3_stmt statement, int index, object? value) => value switch
    {
        null => raw.sqlite3_bind_null(statement, index),
        long number => raw.sqlite3_bind_int64(statement, index, number),
        int number => raw.sqlite3_bind_int(statement, index, number),
        string text => raw.sqlite3_bind_text(statement, index, text),
        byte[] bytes => raw.sqlite3_bind_blob(statement, index, bytes),
        _ => throw new NotSupportedException($"A {value.GetType()} cannot be bound."),
    };

    /// <summary>The rows of a statement under way.</summary>
    internal readonly ref struct Rows(sqlite3 database, sqlite3_stmt statement)
    {
        public bool Read()
        {
            var result = raw.sqlite3_step(statement);
            if (result == raw.SQLITE_ROW)
            {
                return true;
            }

            if (result != raw.SQLITE_DONE)
            {
                SqliteException.ThrowExceptionForRC(result, database);
            }

            return false;
        }

        public bool IsNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;

        public long Number(int column) => raw.sqlite3_column_int64(statement, column);

        public string Text(int column) => raw.sqlite3_column_text(statement, column).utf8_to_string();

        public byte[] Bytes(int column) => raw.sqlite3_column_blob(statement, column).ToArray();

        // What it reports is the step's failure, which was thrown already.
        public void Dispose() => raw.sqlite3_reset(statement);
    }
}
