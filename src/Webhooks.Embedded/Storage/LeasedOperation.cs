namespace Webhooks.Embedded.Storage;

/// <summary>An operation that this node has, as long as the row still has this number.</summary>
internal sealed record LeasedOperation(long Id, long LeaseSequence, int Rate, Guid Uid);

/// <summary>What came of one step.</summary>
/// <param name="Result">How it goes on.</param>
/// <param name="Seen">How many deliveries it went through.</param>
/// <param name="Done">How many of them were retried or cancelled.</param>
internal sealed record OperationStep(OperationStepResult Result, int Seen, int Done)
{
    public static readonly OperationStep Lost = new(OperationStepResult.Lost, 0, 0);
}

internal enum OperationStepResult
{
    /// <summary>There may be more deliveries.</summary>
    GoesOn,

    /// <summary>It went through all of them.</summary>
    Completed,

    /// <summary>Another node has the operation, or a person stopped it. Nothing was done.</summary>
    Lost,
}
