using System.Data;
using System.Text;
using Microsoft.Data.SqlClient;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.SqlServer;

/// <summary>Writes a batch: new events with their deliveries, and what is to be recorded of leased ones. One transaction, one round trip.</summary>
internal sealed class SqlServerBatch(SqlServerSource source, SqlServerTypes types, SqlServerStatements statements)
{
    public async Task WriteAsync(StoreBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            await TryWriteAsync(batch, cancellationToken);
        }
        catch (SqlException exception) when (SqlServerFaults.IsDuplicate(exception))
        {
            // Under row versioning another node's key is not seen before it is in the way. Nothing is stored; now it is seen.
            await TryWriteAsync(batch, cancellationToken);
        }
    }

    private async Task TryWriteAsync(StoreBatch batch, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        var text = new StringBuilder(SqlServerStatements.Begin);
        command.Parameters.Add("@Now", SqlDbType.BigInt).Value = batch.Now;

        var hasDeliveries = batch.Events.Any(newEvent => newEvent.Deliveries.Count > 0);
        if (batch.Events.Count > 0)
        {
            text.Append(statements.InsertEvents);
            command.Parameters.Add(types.Events(batch.Events));
            command.Parameters.Add(SqlServerTypes.Texts(batch.Events));
        }

        if (hasDeliveries)
        {
            text.Append(statements.InsertDeliveries);
            command.Parameters.Add("@LeaseEnd", SqlDbType.BigInt).Value = batch.LeaseEnd;
            command.Parameters.Add(types.Deliveries(batch.Events));
        }

        if (batch.Records.Count > 0)
        {
            text.Append(statements.Record);
            command.Parameters.Add(types.Records(batch.Records));
            command.Parameters.Add(SqlServerTypes.Texts(batch.Records));
        }

        var health = batch.Health;
        if (health.Length > 0)
        {
            text.Append(statements.UpdateHealth);
            command.Parameters.Add(types.Health(health));
            command.Parameters.Add(SqlServerTypes.Texts(health));
        }

        command.CommandText = text.Append(SqlServerStatements.Commit).ToString();
        var answer = new SqlServerAnswer(batch.Events);
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            if (batch.Events.Count > 0)
            {
                await answer.ReadEventsAsync(reader, cancellationToken);
            }

            if (hasDeliveries)
            {
                await answer.ReadDeliveriesAsync(reader, cancellationToken);
            }

            if (batch.Records.Count > 0)
            {
                await answer.ReadHeldAsync(reader, cancellationToken);
            }

            if (health.Length > 0)
            {
                await answer.ReadCountersAsync(reader, cancellationToken);
            }

            // What fails after the last rows, the commit at the latest, is reported here.
            while (await reader.NextResultAsync(cancellationToken))
            {
            }
        }

        // Durable from here on, and only now told.
        answer.Tell();
        answer.Tell(batch.Records);
        batch.Unwell = answer.Unwell;
    }
}
