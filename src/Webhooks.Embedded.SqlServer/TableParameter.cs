using System.Data;
using Microsoft.Data.SqlClient;
using Microsoft.Data.SqlClient.Server;

namespace Webhooks.Embedded.SqlServer;

/// <summary>
/// A table that is sent with a command, of a type that the migrations have made. Payloads go as the bytes that they are, which as JSON
/// would be base64.
/// </summary>
internal sealed class TableParameter(string name, string typeName, params SqlMetaData[] columns)
{
    /// <summary>There must be a row at least: the driver cannot send an empty table.</summary>
    public SqlParameter With(IEnumerable<object?[]> rows) => new()
    {
        ParameterName = name,
        SqlDbType = SqlDbType.Structured,
        TypeName = typeName,
        Value = rows.Select(Row).ToList(),
    };

    public static SqlMetaData Number(string name) => new(name, SqlDbType.BigInt);

    public static SqlMetaData Int(string name) => new(name, SqlDbType.Int);

    public static SqlMetaData Uid(string name) => new(name, SqlDbType.UniqueIdentifier);

    public static SqlMetaData Bytes(string name) => new(name, SqlDbType.VarBinary, SqlMetaData.Max);

    private SqlDataRecord Row(object?[] values)
    {
        var row = new SqlDataRecord(columns);
        for (var i = 0; i < values.Length; i++)
        {
            row.SetValue(i, values[i] ?? DBNull.Value);
        }

        return row;
    }
}
