using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Webhooks.Embedded.AspNetCore.Admin;

/// <summary>The schedule of retries, to explain by.</summary>
internal static class RetryScheduleInUse
{
    /// <summary>Null where the options are not valid at the moment.</summary>
    public static WebhookRetryOptions? Of(HttpContext context)
    {
        try
        {
            return context.RequestServices.GetRequiredService<IOptionsMonitor<WebhooksOptions>>().CurrentValue.Retry;
        }
        catch (OptionsValidationException)
        {
            // A slip in a configuration file, which the library has logged. The log of deliveries is needed all the more.
            return null;
        }
    }
}
