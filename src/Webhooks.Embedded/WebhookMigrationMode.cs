namespace Webhooks.Embedded;

/// <summary>What a node does about the schema of the store when it starts.</summary>
public enum WebhookMigrationMode
{
    /// <summary>Applies what is missing, under the engine's lock. The account must be allowed to, but only where something is missing.</summary>
    Apply,

    /// <summary>Changes nothing; does not start where something is missing.</summary>
    Verify,

    /// <summary>Does not look.</summary>
    None,
}
