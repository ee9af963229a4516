using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Webhooks.Embedded.AspNetCore.Tests.Surface;

/// <summary>Every API of this package, mapped in one app. A new Map…() method must be added here; a test sees to that.</summary>
internal static class MappedApis
{
    public static IReadOnlyList<string> Names { get; } =
    [
        nameof(WebhookAdminEndpointRouteBuilderExtensions.MapWebhookAdmin),
        nameof(BaanxWebhooksEndpointRouteBuilderExtensions.MapBaanxWebhooks),
        nameof(BirdWebhooksEndpointRouteBuilderExtensions.MapBirdWebhooks),
        nameof(DocSpaceWebhooksEndpointRouteBuilderExtensions.MapDocSpaceWebhooks),
    ];

    public static void Map(WebApplication app, Action<IEndpointConventionBuilder> authorizeAdmin, Action<IEndpointConventionBuilder> authorizeVendorShaped)
    {
        authorizeAdmin(app.MapWebhookAdmin("/webhooks", options =>
        {
            options.ReadPolicy = "Read";
            options.ManagePolicy = "Manage";
            options.RevealPolicy = "Reveal";
        }));
        MapVendorShaped(app, authorizeVendorShaped);
    }

    public static void MapVendorShaped(WebApplication app, Action<IEndpointConventionBuilder> authorizeVendorShaped)
    {
        authorizeVendorShaped(app.MapBaanxWebhooks("/v1/webhooks", options => options.DeliveredElsewhere = true));
        authorizeVendorShaped(app.MapBirdWebhooks("/bird"));
        authorizeVendorShaped(app.MapDocSpaceWebhooks("/api/2.0/settings", options => options.RetryWait = TimeSpan.Zero));
    }

    /// <summary>The same, without a word about who may call.</summary>
    public static void MapWithoutAuthorization(WebApplication app)
    {
        app.MapWebhookAdmin("/webhooks");
        app.MapBaanxWebhooks("/v1/webhooks");
        app.MapBirdWebhooks("/bird");
        app.MapDocSpaceWebhooks("/api/2.0/settings");
    }

    /// <summary>Triggers as every one of these APIs can have them: with numbers.</summary>
    public static void AddTriggers(WebApplicationBuilder builder)
    {
        builder.Services.RemoveAll<WebhookTrigger>();
        builder.Services.AddWebhooks().AddTrigger("order.created", "An order was placed", 0).AddTrigger("order.paid", "An invoice was settled", 1);
    }
}
