namespace Webhooks.Embedded.StoreContract;

/// <summary>An engine's store for one test: empty, and gone afterwards.</summary>
public interface ITestStore
{
    /// <summary>Chooses the engine. Skips the test, with the reason, where the engine is not there.</summary>
    Task UseAsync(IWebhooksBuilder builder);

    Task DropAsync();
}
