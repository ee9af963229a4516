namespace Webhooks.Embedded.Storage;

/// <summary>The names of the tables, made once. Schema and prefix were checked by the store's options, so they can stand in a statement.</summary>
internal sealed class WebhookTables
{
    public WebhookTables(string prefix, string? schema = null)
    {
        Prefix = prefix;
        Schema = schema;
        var qualified = schema is null ? prefix : $"{schema}.{prefix}";
        Webhooks = qualified + "webhooks";
        Urls = qualified + "webhook_urls";
        Secrets = qualified + "webhook_secrets";
        Events = qualified + "webhook_events";
        Queue = qualified + "webhook_queue";
        Deliveries = qualified + "webhook_deliveries";
        Attempts = qualified + "webhook_attempts";
        Operations = qualified + "webhook_operations";
        Stats = qualified + "webhook_stats";
        State = qualified + "webhook_state";
        Migrations = qualified + "webhook_migrations";
    }

    public string Prefix { get; }

    /// <summary>Null: the connection's default schema.</summary>
    public string? Schema { get; }

    public string Webhooks { get; }

    public string Urls { get; }

    public string Secrets { get; }

    public string Events { get; }

    public string Queue { get; }

    public string Deliveries { get; }

    public string Attempts { get; }

    public string Operations { get; }

    public string Stats { get; }

    public string State { get; }

    public string Migrations { get; }
}
