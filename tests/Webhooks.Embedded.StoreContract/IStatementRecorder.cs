namespace Webhooks.Embedded.StoreContract;

/// <summary>A store that remembers the final text of the statements that were sent to its engine.</summary>
public interface IStatementRecorder
{
    /// <summary>The statements since the last call, in their order.</summary>
    IReadOnlyList<string> TakeStatements();
}
