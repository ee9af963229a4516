using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Options;
using Webhooks.Embedded;
using Webhooks.Embedded.DependencyInjection;
using Webhooks.Embedded.Dispatching;
using Webhooks.Embedded.Egress;
using Webhooks.Embedded.Management;
using Webhooks.Embedded.Publishing;
using Webhooks.Embedded.Signing;
using Webhooks.Embedded.Storage;
using Webhooks.Embedded.Storage.Migrations;
using Webhooks.Embedded.Telemetry;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds webhooks to an app.</summary>
public static class WebhooksServiceCollectionExtensions
{
    /// <summary>
    /// Adds webhooks: publishing, the dispatcher, management and the log. A store must be chosen as well, such as <c>UseSqlite("Data Source=app.db")</c>.
    /// Calling it again changes nothing but the options.
    /// </summary>
    /// <param name="services">The app's services.</param>
    /// <param name="configure">Sets options. It has the last word over a configuration section.</param>
    public static IWebhooksBuilder AddWebhooks(this IServiceCollection services, Action<WebhooksOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);

        if (services.All(service => service.ServiceType != typeof(WebhooksBuilder)))
        {
            services.AddSingleton(new WebhooksBuilder(services));
            AddOptions(services);
            AddEgress(services);
            AddStorage(services);
            AddDispatching(services);
            AddPublishing(services);
            AddManagement(services);
        }

        if (configure is not null)
        {
            services.PostConfigure(configure);
        }

        return new WebhooksBuilder(services);
    }

    /// <summary>Adds webhooks with options from a configuration section, which are read again when it changes.</summary>
    /// <param name="services">The app's services.</param>
    /// <param name="section">By convention the section <c>Webhooks</c>.</param>
    public static IWebhooksBuilder AddWebhooks(this IServiceCollection services, IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(section);
        var builder = services.AddWebhooks();
        services.AddSingleton<IOptionsChangeTokenSource<WebhooksOptions>>(
            new ConfigurationChangeTokenSource<WebhooksOptions>(Options.Options.DefaultName, section));
        services.Configure<WebhooksOptions>(options =>
        {
            // Binding adds to a list that is there; a configured list is meant to replace it.
            if (section.GetSection("Retry:Delays").Exists())
            {
                options.Retry.Delays = [];
            }

            section.Bind(options);
        });
        return builder;
    }

    private static void AddOptions(IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<WebhooksOptions>();
        services.AddSingleton<IValidateOptions<WebhooksOptions>, WebhooksOptionsValidator>();
        services.AddSingleton<LiveOptions>();
    }

    private static void AddEgress(IServiceCollection services)
    {
        services.AddSingleton<IHostResolver, SystemResolver>();
        services.AddSingleton<GuardedConnect>();
        services.AddSingleton<IHttpMessageHandlerBuilderFilter, GuardedHandlerFilter>();
        services.AddHostedService<EgressStarter>();
        WebhookHttpClient.AddTo(services);
    }

    private static void AddStorage(IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<StoreClock>();
        services.AddSingleton<SqlDialect>(_ => throw new InvalidOperationException(
            "AddWebhooks() has no store. Add one, for example .UseSqlite(\"Data Source=app.db\") of the package Webhooks.Embedded.Sqlite."));
        services.AddSingleton<MigrationRunner>();
        services.AddSingleton<WebhookDatabase>();
        DefaultSecretProtector.AddTo(services);
        services.AddSingleton(provider => new SecretVault(
            provider.GetServices<ISecretProtector>(),
            provider.GetKeyedService<ISecretProtector>(SecretVault.DefaultProtector),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<UnreadableRepository>();
        services.AddSingleton<WebhookRepository>();
        services.AddSingleton<CatalogueRepository>();
        services.AddSingleton<WebhookDirectory>();
        services.AddSingleton<EventRepository>();
        services.AddSingleton<EventDeliveries>();
        services.AddSingleton<DeliveryRepository>();
        services.AddSingleton<QueueRepository>();
        services.AddSingleton<CancelRepository>();
        services.AddSingleton<BreakerRepository>();
        services.AddSingleton<WebhookBreakers>();
        services.AddSingleton<OperationRepository>();
        services.AddSingleton<OperationSteps>();
        services.AddSingleton<RollUps>();
        services.AddSingleton<RollUpRepository>();
        services.AddSingleton<OverviewRepository>();
        services.AddSingleton<RetentionRepository>();
        services.AddSingleton<FormerUrlRepository>();
        services.AddSingleton<StoreWriter>();
        services.AddSingleton<SecretCheck>();
        services.AddHostedService<StoreStarter>();
    }

    private static void AddDispatching(IServiceCollection services)
    {
        services.AddMetrics();
        services.AddSingleton<WebhookMetrics>();
        services.AddSingleton<DispatchSignal>();
        services.AddSingleton<DeliveryBuffer>();
        services.AddSingleton<IHandover>(provider => provider.GetRequiredService<DeliveryBuffer>());
        services.AddSingleton<SignatureProfiles>();
        services.AddSingleton<UnreadableWebhooks>();
        services.AddSingleton<AttemptSigner>();
        services.AddSingleton<AttemptSender>();
        services.AddSingleton<AttemptRunner>();
        services.AddSingleton<UnrecordedSuccesses>();
        services.AddSingleton<WebhookTurns>();
        services.AddSingleton<BreakerControl>();
        services.AddSingleton<WebhookDisabling>();
        services.AddSingleton<WebhookObservers>();
        services.AddSingleton<AttemptFollowUp>();
        services.AddSingleton<IWebhookNode>(new WebhookNode(Delivers: true));

        // Before the dispatcher, so that they are stopped after it.
        services.AddHostedService<ObserverService>();
        services.AddHostedService<RollUpService>();
        services.AddHostedService<WebhookDispatcher>();
        services.AddSingleton<OperationSignal>();
        services.AddSingleton<OperationRunner>();
        services.AddHostedService<OperationService>();
        services.AddHostedService<UnreadableService>();
        services.AddHostedService<RetentionService>();
    }

    private static void AddPublishing(IServiceCollection services)
    {
        services.AddSingleton<TriggerCatalogue>();
        services.AddSingleton<IWebhookTriggers>(provider => provider.GetRequiredService<TriggerCatalogue>());
        services.AddSingleton<EventDrafts>();
        services.AddSingleton<TransactionPublisher>();
        services.AddSingleton<IWebhookPublisher, WebhookPublisher>();
    }

    private static void AddManagement(IServiceCollection services)
    {
        services.AddSingleton<IWebhookRegistry, WebhookRegistry>();
        services.AddSingleton<IWebhookDeliveries, WebhookDeliveries>();
        services.AddSingleton<TestEvents>();
        services.AddSingleton<IWebhookEvents, WebhookEvents>();
        services.AddSingleton<IWebhookOperations, WebhookOperations>();
        services.AddSingleton<IWebhookOverview, WebhookOverviews>();
        services.AddSingleton<IWebhookSchema, WebhookSchema>();
    }
}
