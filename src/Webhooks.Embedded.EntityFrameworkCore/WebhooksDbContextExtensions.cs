using Microsoft.EntityFrameworkCore.Infrastructure;
using Webhooks.Embedded;
using Webhooks.Embedded.EntityFrameworkCore;

namespace Microsoft.EntityFrameworkCore;

/// <summary>Adds events to a context, to be published with what it saves.</summary>
/// <remarks>
/// <para>
/// An added event is published by the next <c>SaveChangesAsync</c>, in its transaction: the one it begins itself, or the one that is open on the
/// context. The event exists exactly if that commits. Where <c>SaveChangesAsync</c> fails, the event stays added, as entities do.
/// </para>
/// <para>
/// <c>SaveChanges()</c> throws <see cref="NotSupportedException"/> while there are added events, and so does <c>SaveChangesAsync</c> in a
/// <c>TransactionScope</c>: begin a transaction with <c>Database.BeginTransactionAsync()</c> instead.
/// </para>
/// </remarks>
/// <example>
/// <code>
/// shop.Orders.Add(order);
/// shop.AddWebhookEvent(new OrderPaid(order.Id, order.Total));
/// await shop.SaveChangesAsync(cancellationToken);
/// </code>
/// </example>
public static class WebhooksDbContextExtensions
{
    /// <summary>Adds an event of the trigger that was registered for <typeparamref name="T"/>.</summary>
    /// <typeparam name="T">A payload type known from <c>AddTrigger&lt;T&gt;(…)</c>, registered for exactly one trigger.</typeparam>
    /// <param name="context">A context whose options have <c>UseWebhooks(…)</c>.</param>
    /// <param name="payload">What receivers get. It is serialised here: keys that the database makes are not known yet.</param>
    /// <param name="options">Tenant, target, idempotency key. Default: none of them.</param>
    /// <exception cref="WebhookValidationException">No trigger, or more than one, has this payload type; or the payload is too large.</exception>
    /// <exception cref="InvalidOperationException">The context's options lack <c>UseWebhooks(…)</c>.</exception>
    public static void AddWebhookEvent<T>(this DbContext context, T payload, PublishOptions? options = null)
        where T : notnull
    {
        var interceptor = InterceptorOf(context);
        interceptor.EventsOf(context).Add(interceptor.Drafts.Of(payload, options ?? new PublishOptions()));
    }

    /// <summary>Adds an event of the trigger of that name.</summary>
    /// <param name="context">A context whose options have <c>UseWebhooks(…)</c>.</param>
    /// <param name="trigger">A name from the catalogue, such as <c>order.paid</c>.</param>
    /// <param name="payload">What receivers get. It is serialised here: keys that the database makes are not known yet.</param>
    /// <param name="options">Tenant, target, idempotency key. Default: none of them.</param>
    /// <exception cref="WebhookValidationException">The trigger is not in the catalogue, or the payload is too large.</exception>
    /// <exception cref="InvalidOperationException">The context's options lack <c>UseWebhooks(…)</c>.</exception>
    public static void AddWebhookEvent(this DbContext context, string trigger, object payload, PublishOptions? options = null)
    {
        var interceptor = InterceptorOf(context);
        interceptor.EventsOf(context).Add(interceptor.Drafts.Of(trigger, payload, options));
    }

    /// <summary>Forgets the events that were added and are not published yet. <c>ChangeTracker.Clear()</c> does that for entities alone.</summary>
    /// <param name="context">A context whose options have <c>UseWebhooks(…)</c>.</param>
    /// <exception cref="InvalidOperationException">The context's options lack <c>UseWebhooks(…)</c>.</exception>
    public static void ClearWebhookEvents(this DbContext context) => InterceptorOf(context).EventsOf(context).Clear();

    // Without it nothing would publish the event, and nobody would notice.
    private static WebhookEventInterceptor InterceptorOf(DbContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.GetService<IDbContextOptions>().FindExtension<CoreOptionsExtension>()?.Interceptors?.OfType<WebhookEventInterceptor>().FirstOrDefault()
            ?? throw new InvalidOperationException(
                $"{context.GetType().Name} does not publish webhooks. Add UseWebhooks(services) to its options, as in "
                + "AddDbContext<…>((services, options) => options.Use…(…).UseWebhooks(services)).");
    }
}
