using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Webhooks.Embedded;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Guards endpoints that receive webhooks.</summary>
public static class WebhookSignatureConventionExtensions
{
    /// <summary>
    /// Lets only requests through that are signed as Standard Webhooks has it. Others are answered with 401 (or 413, when the body is too large)
    /// and Problem Details whose <c>code</c> says why, such as <c>too_old</c> or <c>no_matching_signature</c>.
    /// </summary>
    /// <remarks>
    /// It runs before the handler's parameters are bound, because what is signed are the raw bytes. The handler finds the body unread and may bind it as usual.
    /// </remarks>
    /// <param name="builder">The endpoint, or a group of them.</param>
    /// <param name="configure">Sets the secrets and what else shall differ from the defaults.</param>
    /// <exception cref="ArgumentException">There is no secret, or an option cannot be used.</exception>
    /// <example><code>app.MapPost("/webhooks", handler).RequireWebhookSignature(o => o.Secrets.Add(secret));</code></example>
    public static TBuilder RequireWebhookSignature<TBuilder>(this TBuilder builder, Action<WebhookSignatureOptions> configure)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);

        // Here and not in the convention, which runs with the first request: a missing secret must stop the app at its start.
        var options = new WebhookSignatureOptions();
        configure(options);
        if (options.MaxBodyBytes < 1)
        {
            throw new ArgumentException($"{nameof(options.MaxBodyBytes)} must be at least 1.", nameof(configure));
        }

        var verifier = new WebhookVerifier(options.Secrets, options.Tolerance, options.TimeProvider);

        // Not an endpoint filter: those run when the parameters are bound and the raw bytes are gone.
        builder.Add(endpoint =>
        {
            var next = endpoint.RequestDelegate
                ?? throw new InvalidOperationException($"'{endpoint.DisplayName}' has no handler whose requests could be verified.");
            endpoint.RequestDelegate = new WebhookSignatureFilter(verifier, options.MaxBodyBytes, next).InvokeAsync;
            endpoint.Metadata.Add(Refusal(StatusCodes.Status401Unauthorized));
            endpoint.Metadata.Add(Refusal(StatusCodes.Status413PayloadTooLarge));
        });
        return builder;
    }

    private static ProducesResponseTypeMetadata Refusal(int status) => new(status, typeof(ProblemDetails), ["application/problem+json"]);
}
