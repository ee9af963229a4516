using System.Diagnostics;

namespace Webhooks.Embedded.Storage;

/// <summary>What became of the deliveries of one step.</summary>
internal sealed class OperationTally
{
    private readonly int[] _counts = new int[Enum.GetValues<OperationEffect>().Length];

    public int Done => _counts[(int)OperationEffect.Done];

    public int UnderWay => _counts[(int)OperationEffect.UnderWay];

    public int WebhookDisabled => _counts[(int)OperationEffect.WebhookDisabled];

    public int WebhookDeleted => _counts[(int)OperationEffect.WebhookDeleted];

    public int PayloadExpired => _counts[(int)OperationEffect.PayloadExpired];

    public int AlreadyFinished => _counts[(int)OperationEffect.AlreadyFinished];

    public int Gone => _counts[(int)OperationEffect.Gone];

    public void Add(OperationEffect effect) => _counts[(int)effect]++;

    public static OperationEffect Of(WebhookRetryResult result) => result switch
    {
        WebhookRetryResult.Queued => OperationEffect.Done,
        WebhookRetryResult.UnderWay => OperationEffect.UnderWay,
        WebhookRetryResult.NotFound => OperationEffect.Gone,
        WebhookRetryResult.WebhookDisabled => OperationEffect.WebhookDisabled,
        WebhookRetryResult.WebhookDeleted => OperationEffect.WebhookDeleted,
        WebhookRetryResult.PayloadExpired => OperationEffect.PayloadExpired,
        _ => throw new UnreachableException(),
    };

    public static OperationEffect Of(WebhookCancelResult result) => result switch
    {
        WebhookCancelResult.Cancelled => OperationEffect.Done,
        WebhookCancelResult.UnderWay => OperationEffect.UnderWay,
        WebhookCancelResult.AlreadyFinished => OperationEffect.AlreadyFinished,
        WebhookCancelResult.NotFound => OperationEffect.Gone,
        _ => throw new UnreachableException(),
    };
}

internal enum OperationEffect
{
    Done,
    UnderWay,
    WebhookDisabled,
    WebhookDeleted,
    PayloadExpired,
    AlreadyFinished,
    Gone,
}
