using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Dispatching;

/// <summary>A delivery whose turn has come.</summary>
/// <param name="Delivery">The delivery.</param>
/// <param name="Slot">Where the buffer finds it again when it is over.</param>
internal readonly record struct BegunAttempt(LeasedDelivery Delivery, int Slot);
