using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Webhooks.Embedded.EntityFrameworkCore;
using Webhooks.Embedded.Publishing;

namespace Microsoft.EntityFrameworkCore;

/// <summary>Lets a <see cref="DbContext"/> publish events with what it saves.</summary>
public static class WebhooksDbContextOptionsBuilderExtensions
{
    /// <summary>
    /// Publishes what was added with <c>AddWebhookEvent</c> in the transaction of <c>SaveChangesAsync</c>. The context must be on the database
    /// that webhooks are kept in.
    /// </summary>
    /// <param name="options">The options of the context.</param>
    /// <param name="services">The app's services, as <c>AddDbContext((services, options) => …)</c> gives them.</param>
    /// <exception cref="InvalidOperationException"><c>AddWebhooks()</c> is missing, or has no store.</exception>
    public static DbContextOptionsBuilder UseWebhooks(this DbContextOptionsBuilder options, IServiceProvider services)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(services);
        if (options.Options.FindExtension<CoreOptionsExtension>()?.Interceptors?.OfType<WebhookEventInterceptor>().Any() is true)
        {
            return options;
        }

        var drafts = services.GetService<EventDrafts>()
            ?? throw new InvalidOperationException("UseWebhooks() needs the app's webhooks. Call services.AddWebhooks(…) as well, with a store.");
        return options.AddInterceptors(new WebhookEventInterceptor(drafts, services.GetRequiredService<TransactionPublisher>()));
    }

    /// <inheritdoc cref="UseWebhooks(DbContextOptionsBuilder, IServiceProvider)"/>
    /// <typeparam name="TContext">The context.</typeparam>
    public static DbContextOptionsBuilder<TContext> UseWebhooks<TContext>(this DbContextOptionsBuilder<TContext> options, IServiceProvider services)
        where TContext : DbContext => (DbContextOptionsBuilder<TContext>)((DbContextOptionsBuilder)options).UseWebhooks(services);
}
