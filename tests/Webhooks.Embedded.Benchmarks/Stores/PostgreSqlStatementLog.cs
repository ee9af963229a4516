using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;

namespace Webhooks.Embedded.Benchmarks.Stores;

/// <summary>Counts statements and transactions of a database by the server's own log: what is not logged was not executed.</summary>
internal sealed partial class PostgreSqlStatementLog(PostgreSqlServer server, string database)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private int _marks;

    /// <summary>Has everything logged that is executed in a database, by connections that are opened from now on, with their transactions' ids.</summary>
    public static async Task BeginAsync(string server, string database)
    {
        await using var connection = new NpgsqlConnection($"{server};Pooling=false");
        await connection.OpenAsync();
        string[] commands =
        [
            "alter system set log_line_prefix = '%d %v '",
            "select pg_reload_conf()",
            $"alter database {database} set log_statement = 'all'",
            $"alter database {database} set log_parameter_max_length = 0",
        ];
        foreach (var sql in commands)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync();
        }
    }

    /// <summary>Counts what was executed up to now, its own question not included.</summary>
    public async Task<StatementCount> ReadAsync(Func<string, Task> execute)
    {
        // The log comes through a pipe: all that came before the mark is there when the mark is.
        var mark = string.Create(CultureInfo.InvariantCulture, $"'mark {++_marks} of {database}'");
        await execute($"select {mark}");
        using var patience = new CancellationTokenSource(Patience);
        var log = server.Log;
        while (!log.Contains(mark, StringComparison.Ordinal))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, patience.Token);
            log = server.Log;
        }

        var statements = Executed().Matches(log).Where(line => line.Groups["database"].Value == database && !line.Value.Contains("'mark ", StringComparison.Ordinal)).ToList();
        return new StatementCount(statements.Count, statements.DistinctBy(line => line.Groups["transaction"].Value, StringComparer.Ordinal).Count());
    }

    [GeneratedRegex("^(?<database>run_[0-9]+) (?<transaction>[0-9]+/[0-9]+) LOG:  (execute|statement).*$", RegexOptions.ExplicitCapture | RegexOptions.Multiline)]
    private static partial Regex Executed();
}
