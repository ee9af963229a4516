using System.Data;
using Microsoft.Data.SqlClient;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.SqlServer;

/// <summary>Writes one event on the transaction of a caller, in one round trip. Whatever happens here, the transaction stays the caller's to commit.</summary>
internal sealed class SqlServerPublication(WebhookTables tables)
{
    private static readonly TextParameter WebhookIds = new("@WebhookIds", "webhook_id");

    // readcommittedlock: what is true now counts, also where the caller's transaction sees a snapshot; and where it is serializable, it
    // locks no ranges against other publishers.
    // xact_abort off: with it on, a key that another transaction takes in the same moment would end the caller's transaction. It is set
    // for this command alone.
    // No tables of the command's own: Babelfish locks their numbers, which other sessions' tables share, to the end of the transaction.
    private readonly string _insert =
        $"""
        set nocount on;
        set xact_abort off;
        declare @Id bigint;
        declare @Current bigint = (select value from {tables.State} with (readcommittedlock) where name = N'catalogue');
        declare @KeyLength int = coalesce(datalength(@Tenant) * 1000 + datalength(@Key), 0);

        if @Current = @Version
        begin
            begin try
                insert into {tables.Events} (uid, trigger_name, tenant, target, idempotency_key, key_length, created_at, payload_size, payload)
                select @Uid, @Trigger, @Tenant, @Target, @Key, @KeyLength, @Now, datalength(@Payload), @Payload
                where not exists (select 1 from {tables.Events} e with (readcommittedlock)
                                  where e.tenant = @Tenant and e.idempotency_key = @Key and e.key_length = @KeyLength
                                    and e.idempotency_key is not null);
                set @Id = case when @@rowcount = 1 then scope_identity() end;
            end try
            begin catch
                if error_number() not in (2601, 2627)
                    throw;
            end catch;
        end;

        select @Id, e.uid, case when e.trigger_name = @Trigger and (e.payload is null
                   or (e.payload_size = datalength(@Payload) and e.payload = @Payload)) then 1 else 0 end,
               case when @Current = @Version then 1 else 0 end
        from (select 1 as one) o
        left join {tables.Events} e with (readcommittedlock) on @Id is null and e.tenant = @Tenant and e.idempotency_key = @Key
            and e.key_length = @KeyLength and e.idempotency_key is not null;

        """;

    private readonly string _insertDeliveries =
        $"""
        insert into {tables.Queue} (event_id, webhook_id, due_at, lease_seq, claims, attempts, created_at)
        select @Id, d.webhook_id, @Now, 0, 0, 0, @Now
        from openjson(@WebhookIds) with (webhook_id bigint '$.webhook_id') d
        where @Id is not null
        order by d.webhook_id;
        """;

    public async Task InsertAsync(NewEvent newEvent, long now, SqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var command = transaction.Connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = newEvent.Deliveries.Count == 0 ? _insert : _insert + _insertDeliveries;
        command.Parameters.Add("@Uid", SqlDbType.UniqueIdentifier).Value = newEvent.Uid;
        command.Parameters.Add("@Trigger", SqlDbType.NVarChar, 128).Value = newEvent.Trigger;
        command.Parameters.Add("@Tenant", SqlDbType.NVarChar, 100).Value = newEvent.Tenant;
        command.Parameters.Add("@Target", SqlDbType.NVarChar, 255).Value = (object?)newEvent.Target ?? DBNull.Value;
        command.Parameters.Add("@Key", SqlDbType.NVarChar, 255).Value = (object?)newEvent.IdempotencyKey ?? DBNull.Value;
        command.Parameters.Add("@Payload", SqlDbType.VarBinary, -1).Value = SqlServerTypes.ToArray(newEvent.Payload);
        command.Parameters.Add("@Version", SqlDbType.BigInt).Value = newEvent.CatalogueVersion;
        command.Parameters.Add("@Now", SqlDbType.BigInt).Value = now;
        if (newEvent.Deliveries.Count > 0)
        {
            command.Parameters.Add(WebhookIds.With(newEvent.Deliveries.Select(delivery => (delivery.WebhookId, Array.Empty<string?>()))));
        }

        var answer = new SqlServerAnswer([newEvent]);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await answer.ReadEventAsync(reader, cancellationToken);
        while (await reader.NextResultAsync(cancellationToken))
        {
        }

        answer.Tell();
    }
}
