using System.Data.Common;

namespace Webhooks.Embedded.StoreContract;

/// <summary>An engine's store for one test: empty, and gone afterwards.</summary>
public interface ITestStore
{
    /// <summary>Chooses the engine. Skips the test, with the reason, where the engine is not there.</summary>
    Task UseAsync(IWebhooksBuilder builder);

    /// <summary>A connection of the app's own to the test's database, open.</summary>
    Task<DbConnection> OpenAsync();

    Task DropAsync();
}
