namespace QuickStart;

// What receivers get. A record per trigger keeps the wire format in one place.
internal sealed record OrderCreated(Guid Id, string Customer, decimal Total);

internal sealed record OrderPaid(Guid Id, decimal Total);

internal sealed record UserCreated(Guid Id, string Email);

internal sealed record FileUploaded(Guid Id, string Name, long Size);

internal sealed record RoomDeleted(Guid Id, string Title);

// What POST /orders takes; all of it may be left out.
internal sealed record NewOrder(string? Customer, decimal? Total);
