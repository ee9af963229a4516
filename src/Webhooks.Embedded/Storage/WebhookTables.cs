namespace Webhooks.Embedded.Storage;

/// <summary>The names of the tables, made once. The prefix was checked by the store's options, so it can stand in a statement.</summary>
internal sealed class WebhookTables(string prefix)
{
    public string Prefix { get; } = prefix;

    public string Webhooks { get; } = prefix + "webhooks";

    public string Secrets { get; } = prefix + "webhook_secrets";

    public string Events { get; } = prefix + "webhook_events";

    public string Queue { get; } = prefix + "webhook_queue";

    public string Deliveries { get; } = prefix + "webhook_deliveries";

    public string Attempts { get; } = prefix + "webhook_attempts";

    public string State { get; } = prefix + "webhook_state";

    public string Migrations { get; } = prefix + "webhook_migrations";
}
