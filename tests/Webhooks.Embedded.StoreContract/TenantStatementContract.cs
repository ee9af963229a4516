using System.Text.RegularExpressions;

namespace Webhooks.Embedded.StoreContract;

/// <summary>Every statement that services of a tenant send names the tenant, so that a forgotten check elsewhere gives nothing away.</summary>
public abstract partial class TenantStatementContract<TStore> : StoreTest<TStore>
    where TStore : ITestStore, IStatementRecorder, new()
{
    /// <summary>
    /// Statements about rows that one with the tenant found and locked in the same transaction, or about the node's own copy of all webhooks,
    /// which no caller sees: what they have in common, and why they may.
    /// </summary>
    private static readonly (string Text, string Why)[] Others =
    [
        ("webhook_secrets", "The secrets of a webhook that was found."),
        ("where w.deleted_at is null;", "The node's copy of all webhooks."),
        ("claims = -1", "What was taken with the tenant is finished."),
        ("max(id)", "The cut-off of an operation, which is of the whole log and shown to nobody."),
    ];

    [Fact]
    public async Task No_statement_of_a_tenants_services_is_without_the_tenant()
    {
        var registry = Registry.ForTenant("acme");
        var deliveries = Deliveries.ForTenant("acme");
        var events = Events.ForTenant("acme");
        Store.TakeStatements();

        var webhook = (await registry.CreateAsync(new WebhookSettings { Name = "a", Url = "https://example.com/", Triggers = ["*"] }, Cancellation)).Webhook;
        await registry.ChangeAsync(webhook.Id, webhook.ToSettings() with { Secret = "0123456789abcdef" }, Cancellation);
        await registry.RotateSecretAsync(webhook.Id, cancellationToken: Cancellation);
        await registry.RevealSecretsAsync(webhook.Id, Cancellation);
        await registry.ListSecretsAsync(webhook.Id, Cancellation);
        await registry.RevokeSecretsAsync(webhook.Id, Cancellation);
        await registry.FindAsync(webhook.Uid, Cancellation);
        await registry.ListAsync(new WebhookQuery { Enabled = true }, Cancellation);
        AssertTenant();

        var published = await PublishAsync(options: new PublishOptions { Tenant = "acme" });
        await PublishAsync(options: new PublishOptions { Tenant = "acme" });
        var claim = await ClaimAsync();
        await RecordAsync(Storage.DeliveryRecord.Finish(claim.Deliveries[0], Attempt(claim.Deliveries[0], 500), WebhookDeliveryStatus.Exhausted, Now));
        await RecordAsync(Storage.DeliveryRecord.Retry(claim.Deliveries[1], Attempt(claim.Deliveries[1], 500), Now));
        Store.TakeStatements();

        await events.FindAsync(published.Id, Cancellation);
        await events.ListAsync(new WebhookEventQuery { Trigger = "order.created" }, Cancellation);
        await deliveries.ListAsync(new WebhookDeliveryQuery(), Cancellation);
        await deliveries.ListAsync(new WebhookDeliveryQuery { Offset = 1, IncludePayload = true }, Cancellation);
        await deliveries.CountAsync(new WebhookDeliveryQuery(), cancellationToken: Cancellation);
        await deliveries.FindAsync([claim.Deliveries[0].Id], Cancellation);
        await deliveries.AttemptsAsync(claim.Deliveries[1].Id, Cancellation);
        await events.SendAgainAsync(published.Id, cancellationToken: Cancellation);
        await events.SendAgainAsync(published.Id, (await registry.CreateAsync(webhook.ToSettings(), Cancellation)).Webhook.Id, Cancellation);
        await deliveries.RetryAsync([.. claim.Deliveries.Select(delivery => delivery.Id)], Cancellation);
        AssertTenant();

        // A test event is stored as any other one is, by the writer, which knows no tenants but the event's own.
        Assert.Null(await Events.ForTenant("evil").SendTestAsync(webhook.Id, cancellationToken: Cancellation));
        Assert.NotNull(await events.SendTestAsync(webhook.Id, cancellationToken: Cancellation));
        Store.TakeStatements();

        await deliveries.CancelAsync([.. claim.Deliveries.Select(delivery => delivery.Id)], Cancellation);
        AssertTenant();

        await OperateAsync();
        await Get<IWebhookOverview>().ForTenant("acme").ReadAsync(cancellationToken: Cancellation);
        AssertTenant();

        await registry.DisableAsync(webhook.Id, cancellationToken: Cancellation);
        await registry.EnableAsync(webhook.Id, sendParked: true, Cancellation);
        await registry.DeleteAsync(webhook.Id, Cancellation);
        AssertTenant();
    }

    private async Task OperateAsync()
    {
        var operations = Get<IWebhookOperations>().ForTenant("acme");
        var query = new WebhookDeliveryQuery { Trigger = "order.created" };
        await operations.PreviewAsync(query, Cancellation);
        var retry = await operations.StartAsync(WebhookOperationKind.Retry, query, new() { IdempotencyKey = "key" }, Cancellation);
        await operations.StartAsync(WebhookOperationKind.Cancel, query, cancellationToken: Cancellation);
        await operations.FindAsync(retry.Id, Cancellation);
        await operations.ListAsync(cancellationToken: Cancellation);
        AssertTenant();

        // What a node does for an operation: with its own row as the node that has it, with everything else as the tenant.
        foreach (var leased in await Get<Storage.OperationSteps>().ClaimAsync(2, Cancellation))
        {
            await Get<Storage.OperationSteps>().StepAsync(leased, 100, Cancellation);
        }

        AssertTenant(statement => !Operations().IsMatch(statement) && !statement.Contains("min(id)", StringComparison.Ordinal));
        await operations.CancelAsync(retry.Id, Cancellation);
        AssertTenant();
    }

    private void AssertTenant(Func<string, bool>? isOfTheTenant = null)
    {
        var statements = Store.TakeStatements().Where(statement => OfTenants().IsMatch(statement) && isOfTheTenant?.Invoke(statement) != false).ToArray();
        Assert.NotEmpty(statements);
        Assert.DoesNotContain(
            statements,
            statement => !Tenant().IsMatch(statement) && !Others.Any(other => $"{statement.Trim().TrimEnd(';')};".Contains(other.Text, StringComparison.Ordinal)));
    }

    // The tables that hold what belongs to somebody; with a dot behind it, the name is a schema's.
    [GeneratedRegex(@"\b(webhooks|webhook_(secrets|events|queue|deliveries|attempts|operations|stats))\b(?!\.)")]
    private static partial Regex OfTenants();

    [GeneratedRegex(@"^\s*(select|update|insert)\b[^;]*\bwebhook_operations\b(?!\.)")]
    private static partial Regex Operations();

    [GeneratedRegex(@"\btenant\s*=|\(uid, tenant,")]
    private static partial Regex Tenant();
}
