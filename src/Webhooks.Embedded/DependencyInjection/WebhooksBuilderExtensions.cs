using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Webhooks.Embedded;
using Webhooks.Embedded.DependencyInjection;
using Webhooks.Embedded.Dispatching;
using Webhooks.Embedded.Egress;
using Webhooks.Embedded.Signing;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Says what an app's webhooks are about.</summary>
public static class WebhooksBuilderExtensions
{
    /// <summary>Registers a trigger for payloads of a type, so that they can be published without naming it.</summary>
    /// <typeparam name="T">The type of the payloads.</typeparam>
    /// <param name="builder">What <c>AddWebhooks()</c> returned.</param>
    /// <param name="name">The name, such as <c>order.paid</c>.</param>
    /// <param name="description">What it says to people.</param>
    /// <param name="number">The bit, 0 to 52, that stands for it where triggers are a number (<see cref="WebhookTrigger.Number"/>).</param>
    public static IWebhooksBuilder AddTrigger<T>(
        this IWebhooksBuilder builder, string name, string? description = null, int? number = null) =>
        Add(builder, new WebhookTrigger { Name = name, Description = description, PayloadType = typeof(T), Number = number });

    /// <summary>Registers a trigger with an example of its payload, which people who write receivers find in the catalogue of triggers.</summary>
    /// <typeparam name="T">The type of the payloads.</typeparam>
    /// <param name="builder">What <c>AddWebhooks()</c> returned.</param>
    /// <param name="name">The name, such as <c>order.paid</c>.</param>
    /// <param name="example">A payload as it may look. It is shown to everybody who may read the catalogue: no real one.</param>
    /// <param name="description">What it says to people.</param>
    /// <param name="number">The bit, 0 to 52, that stands for it where triggers are a number (<see cref="WebhookTrigger.Number"/>).</param>
    /// <exception cref="InvalidOperationException">The example cannot be made JSON.</exception>
    /// <example><code>.AddTrigger("order.paid", new OrderPaid(7, 12.50m), "An invoice was settled")</code></example>
    [OverloadResolutionPriority(-1)] // A text in second place is the description, as it always was.
    public static IWebhooksBuilder AddTrigger<T>(
        this IWebhooksBuilder builder, string name, T example, string? description = null, int? number = null)
        where T : notnull =>
        Add(
            builder,
            new WebhookTrigger
            {
                Name = name,
                Description = description,
                PayloadType = typeof(T),
                Number = number,
                Example = TriggerExample.Write(name, example, typeof(T)),
            });

    /// <summary>Registers a trigger that is published by its name, with payloads of any type.</summary>
    /// <param name="builder">What <c>AddWebhooks()</c> returned.</param>
    /// <param name="name">The name, such as <c>order.paid</c>.</param>
    /// <param name="description">What it says to people.</param>
    /// <param name="number">The bit, 0 to 52, that stands for it where triggers are a number (<see cref="WebhookTrigger.Number"/>).</param>
    public static IWebhooksBuilder AddTrigger(
        this IWebhooksBuilder builder, string name, string? description = null, int? number = null) =>
        Add(builder, new WebhookTrigger { Name = name, Description = description, Number = number });

    /// <summary>
    /// Adds a signature profile: headers that receivers verify in a way of their own. They are sent beside those of Standard Webhooks to
    /// webhooks that choose the profile (<see cref="WebhookSettings.SignatureProfile"/>). <c>docspace</c>, <c>baanx</c> and <c>bird</c> are there already.
    /// </summary>
    /// <param name="builder">What <c>AddWebhooks()</c> returned.</param>
    /// <param name="name">The name, 1 to 64 letters, digits, dots, dashes or underscores. A name that is taken stops the start.</param>
    /// <param name="sign">Makes the headers of an attempt. They are kept in the log and shown there, so that they must hold no secret itself.</param>
    public static IWebhooksBuilder AddSignatureProfile(this IWebhooksBuilder builder, string name, WebhookSignatureProfile sign)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(sign);
        builder.Services.AddSingleton(new NamedSignatureProfile(name, sign));
        return builder;
    }

    /// <summary>Makes this a node that publishes and manages, and leaves delivering to others.</summary>
    /// <param name="builder">What <c>AddWebhooks()</c> returned.</param>
    public static IWebhooksBuilder WithoutDispatcher(this IWebhooksBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        foreach (var service in builder.Services.Where(IsDispatcher).ToArray())
        {
            builder.Services.Remove(service);
        }

        builder.Services.Replace(ServiceDescriptor.Singleton<IWebhookNode>(new WebhookNode(Delivers: false)));
        return builder;

        static bool IsDispatcher(ServiceDescriptor service) =>
            service.ServiceType == typeof(IHostedService)
            && (service.ImplementationType == typeof(WebhookDispatcher)
                || service.ImplementationType == typeof(OperationService)
                || service.ImplementationType == typeof(RollUpService)
                || service.ImplementationType == typeof(ObserverService)
                || service.ImplementationType == typeof(UnreadableService)
                || service.ImplementationType == typeof(RetentionService));
    }

    /// <summary>
    /// Stores the secrets of webhooks and the values of their headers as they are: whoever reads the database or a backup of it can sign as this
    /// app. For tests, and where the database itself is encrypted. An <see cref="ISecretProtector"/> that the app registers comes before it, and what another
    /// protector has stored cannot be read.
    /// </summary>
    /// <param name="builder">What <c>AddWebhooks()</c> returned.</param>
    public static IWebhooksBuilder WithoutSecretProtection(this IWebhooksBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        DefaultSecretProtector.Replace<PlainSecrets>(builder.Services);
        return builder;
    }

    /// <summary>Adds to the HTTP client that sends webhooks: message handlers, client certificates. What the host adds to all its clients does not apply to it.</summary>
    /// <remarks>
    /// <para>
    /// Receivers whose certificates are from an authority of your own: <c>UseSocketsHttpHandler((handler, _) => handler.SslOptions.CertificateChainPolicy = …)</c>
    /// with your authority in its <c>CustomTrustStore</c>. A <c>RemoteCertificateValidationCallback</c> may be set too, and then is the only thing that verifies, for
    /// every webhook: also for those whose certificates are not to be verified (<see cref="WebhookSettings.VerifyTls"/>). One that takes every
    /// certificate takes TLS away from all of them, and nothing warns of it.
    /// </para>
    /// <para>
    /// The start fails where the primary handler, its <c>ConnectCallback</c> or its <c>PlaintextStreamFilter</c> is replaced, or where it uses a proxy or follows redirects.
    /// </para>
    /// </remarks>
    /// <param name="builder">What <c>AddWebhooks()</c> returned.</param>
    /// <param name="configure">
    /// Adds to the client. A handler that repeats requests would make attempts that the log does not show. Called several times: the client
    /// has sets of connections that are kept apart, and each is configured alike; message handlers are called once for a request.
    /// </param>
    public static IWebhooksBuilder ConfigureHttpClient(this IWebhooksBuilder builder, Action<IHttpClientBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        foreach (var name in WebhookHttpClient.Names)
        {
            configure(builder.Services.AddHttpClient(name));
        }

        return builder;
    }

    /// <summary>Adds an observer, a singleton, which hears of what befalls webhooks: that one is disabled because it has failed for days, for example.</summary>
    /// <typeparam name="T">The observer; each type is added once.</typeparam>
    /// <param name="builder">What <c>AddWebhooks()</c> returned.</param>
    public static IWebhooksBuilder AddObserver<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>(this IWebhooksBuilder builder)
        where T : class, IWebhookObserver
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IWebhookObserver, T>());
        return builder;
    }

    private static IWebhooksBuilder Add(IWebhooksBuilder builder, WebhookTrigger trigger)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton(trigger);
        return builder;
    }
}
