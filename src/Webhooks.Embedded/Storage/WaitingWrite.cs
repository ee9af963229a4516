namespace Webhooks.Embedded.Storage;

/// <summary>What waits for the writer: an event, an outcome, or neither; then the caller only waits for those before it.</summary>
internal sealed class WaitingWrite
{
    public WaitingWrite()
    {
    }

    public WaitingWrite(NewEvent newEvent) => Event = newEvent;

    public WaitingWrite(DeliveryRecord record) => Record = record;

    public NewEvent? Event { get; }

    public DeliveryRecord? Record { get; }

    /// <summary>What the caller waits for. Its continuation must not run in the loop.</summary>
    public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
