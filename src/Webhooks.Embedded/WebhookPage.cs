namespace Webhooks.Embedded;

/// <summary>One page of a list.</summary>
/// <typeparam name="T">What is listed.</typeparam>
/// <param name="Items">The items, in the list's order.</param>
/// <param name="Next">What to give as the query's cursor for the next page; null on the last page.</param>
public sealed record WebhookPage<T>(IReadOnlyList<T> Items, string? Next);
