using System.Text.Json.Nodes;

namespace Webhooks.Embedded.AspNetCore.Tests.Admin;

internal static class Deliveries
{
    /// <summary>Waits until a delivery is finished after so many attempts.</summary>
    public static async Task<(Json Delivery, JsonNode Attempt)> FinishedAsync(AdminHost host, long id, int attempts = 1)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            var response = await host.Client.GetAsync($"deliveries/{id}", patience.Token);
            if (response.IsSuccessStatusCode)
            {
                var delivery = await Json.OfAsync(response);
                if (delivery.Node!["finishedAt"] is not null && delivery.Number("attempts") >= attempts)
                {
                    return (delivery, delivery.Node["lastAttempt"]!);
                }
            }

            await Task.Delay(20, patience.Token);
        }
    }
}
