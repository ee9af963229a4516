using System.Data.Common;
using Dapper;

namespace Webhooks.Embedded.StoreContract;

/// <summary>A table of the app's own beside the tables of webhooks, and gone afterwards.</summary>
internal sealed class AppTable(ITestStore store) : IAsyncDisposable
{
    private readonly string _name = $"app_{Guid.NewGuid():N}";

    public static async Task<AppTable> CreateAsync(ITestStore store)
    {
        var table = new AppTable(store);
        await table.ExecuteAsync($"create table {table._name} (id int not null primary key)");
        return table;
    }

    public Task InsertAsync(int id, DbTransaction transaction) =>
        transaction.Connection!.ExecuteAsync($"insert into {_name} (id) values (@Id)", new { Id = id }, transaction);

    public async Task<int> CountAsync()
    {
        await using var connection = await store.OpenAsync();
        return await connection.ExecuteScalarAsync<int>($"select count(*) from {_name}");
    }

    public async ValueTask DisposeAsync() => await ExecuteAsync($"drop table {_name}");

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = await store.OpenAsync();
        await connection.ExecuteAsync(sql);
    }
}
