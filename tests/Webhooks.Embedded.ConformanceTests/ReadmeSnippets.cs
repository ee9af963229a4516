using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Webhooks.Embedded.ConformanceTests;

/// <summary>The code blocks of the receiver's README, so that they compile; <see cref="ReadmeTests"/> compares.</summary>
internal static class ReadmeSnippets
{
    internal sealed record OrderPaid(string Id, decimal Total);

    public static void Guard(WebApplication app) =>
        app.MapPost("/webhooks", (OrderPaid paid) => Results.NoContent())
            .RequireWebhookSignature(o => o.Secrets.Add(app.Configuration["Webhooks:Secret"]!));

    public static WebhookVerification ByHand(string secret, byte[] body, HttpRequest request, ILogger logger)
    {
        var verifier = new WebhookVerifier([secret]);
        var verification = verifier.Verify(body, request.Headers);
        if (!verification.IsValid)
        {
            logger.LogWarning("Refused a webhook: {Reason}", verification.Message);
        }

        return verification;
    }
}
