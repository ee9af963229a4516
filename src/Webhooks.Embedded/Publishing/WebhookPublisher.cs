using System.Data.Common;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Publishing;

/// <summary>
/// The way of an event into the store: check and serialise once (<see cref="EventDrafts"/>), find who wants it, write. By itself an event
/// goes through the writer: when the write returns, event and deliveries are durable, and those that this node has room for are on their
/// way to the dispatcher (<see cref="StoreWriter"/>). With a transaction it goes that way (<see cref="TransactionPublisher"/>).
/// </summary>
internal sealed class WebhookPublisher(
    EventDrafts drafts,
    TransactionPublisher inTransaction,
    WebhookDirectory webhooks,
    StoreWriter writer,
    WebhookDatabase database,
    StoreClock clock) : IWebhookPublisher
{
    public Task<PublishedEvent> PublishAsync<T>(T payload, CancellationToken cancellationToken = default)
        where T : notnull => PublishAsync(drafts.Of(payload, new PublishOptions()), cancellationToken);

    public Task<PublishedEvent> PublishAsync<T>(T payload, PublishOptions options, CancellationToken cancellationToken = default)
        where T : notnull => PublishAsync(drafts.Of(payload, options), cancellationToken);

    public Task<PublishedEvent> PublishAsync(
        string trigger, object payload, PublishOptions? options = null, CancellationToken cancellationToken = default) =>
        PublishAsync(drafts.Of(trigger, payload, options), cancellationToken);

    public Task<PublishedEvent> PublishJsonAsync(
        string trigger, ReadOnlyMemory<byte> utf8Json, PublishOptions? options = null, CancellationToken cancellationToken = default) =>
        PublishAsync(drafts.OfJson(trigger, utf8Json, options), cancellationToken);

    public Task<PublishedEvent> PublishAsync<T>(T payload, DbTransaction transaction, CancellationToken cancellationToken = default)
        where T : notnull => inTransaction.PublishAsync(drafts.Of(payload, new PublishOptions()), transaction, cancellationToken);

    public Task<PublishedEvent> PublishAsync<T>(
        T payload, DbTransaction transaction, PublishOptions options, CancellationToken cancellationToken = default)
        where T : notnull => inTransaction.PublishAsync(drafts.Of(payload, options), transaction, cancellationToken);

    public Task<PublishedEvent> PublishAsync(
        string trigger, object payload, DbTransaction transaction, PublishOptions? options = null, CancellationToken cancellationToken = default) =>
        inTransaction.PublishAsync(drafts.Of(trigger, payload, options), transaction, cancellationToken);

    public Task<PublishedEvent> PublishJsonAsync(
        string trigger,
        ReadOnlyMemory<byte> utf8Json,
        DbTransaction transaction,
        PublishOptions? options = null,
        CancellationToken cancellationToken = default) =>
        inTransaction.PublishAsync(drafts.OfJson(trigger, utf8Json, options), transaction, cancellationToken);

    private async Task<PublishedEvent> PublishAsync(EventDraft draft, CancellationToken cancellationToken)
    {
        await database.EnsureReadyAsync(cancellationToken);
        while (true)
        {
            var known = await webhooks.GetAsync(cancellationToken);
            var newEvent = draft.For(known, known.Version, clock.Now);

            // Durable when this returns. If the process dies before, the caller has not been told that the event is published.
            await writer.WriteAsync(newEvent, cancellationToken);
            if (draft.Answer(newEvent) is { } published)
            {
                return published;
            }

            // A webhook changed after the matching, perhaps on another node: match again, or one might miss its event.
            webhooks.Expect(known.Version + 1);
        }
    }
}
