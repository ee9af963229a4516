using Microsoft.Extensions.DependencyInjection;

namespace Webhooks.Embedded;

/// <summary>What <c>AddWebhooks()</c> returns; the store packages and the app add to it.</summary>
public interface IWebhooksBuilder
{
    /// <summary>The app's services.</summary>
    IServiceCollection Services { get; }
}
