namespace Webhooks.Embedded.StoreContract;

/// <summary>The payload of <c>user.created</c>.</summary>
public sealed record UserCreated(int Id);
