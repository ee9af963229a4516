using System.Data.Common;
using System.Globalization;

namespace Webhooks.Embedded.Benchmarks.Stores;

/// <summary>A statement that multiplies what is in a table. It knows of no column but the id, so that the tables may change.</summary>
internal static class Copying
{
    private const int Samples = 1_000;

    public static async Task CopyAsync(DbConnection connection, string table, int copies, long firstId)
    {
        var columns = string.Join(", ", (await ColumnsAsync(connection, table)).Where(column => column != "id"));
        await using var command = connection.CreateCommand();
        command.CommandTimeout = 0;
        command.CommandText = string.Create(
            CultureInfo.InvariantCulture,
            $"""
            with recursive
                n (i) as (select 0 union all select i + 1 from n where i < {copies - 1}),
                model as (select {columns}, row_number() over (order by id) - 1 as place from (select * from {table} order by id limit {Samples}) m)
            insert into {table} (id, {columns})
            select {firstId} + n.i, {columns}
            from n inner join model on model.place = n.i % (select count(*) from model)
            """);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<string[]> ColumnsAsync(DbConnection connection, string table)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = $"select * from {table} where 1 = 0";
        await using var rows = await command.ExecuteReaderAsync();
        return [.. Enumerable.Range(0, rows.FieldCount).Select(rows.GetName)];
    }
}
