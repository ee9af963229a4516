using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace Webhooks.Embedded.TestNode;

/// <summary>What the tests tell a node to do.</summary>
internal static class NodeRoutes
{
    public static async Task<IResult> RegisterAsync(
        string tenant, string url, string secret, IWebhookRegistry registry, CancellationToken cancellationToken)
    {
        var settings = new WebhookSettings { Name = "Receiver", Url = url, Triggers = ["*"], Tenant = tenant, Secret = secret };
        var created = await registry.CreateAsync(settings, cancellationToken);
        return Results.Text($"{created.Webhook.Id}");
    }

    /// <summary>Publishes the bytes that are posted.</summary>
    public static Task<IResult> PublishAsync(
        string tenant, string? key, Stream body, IWebhookPublisher publisher, CancellationToken cancellationToken) =>
        AnswerAsync(async () =>
        {
            var options = new PublishOptions { Tenant = tenant, IdempotencyKey = key };
            return await publisher.PublishJsonAsync("order.paid", await ReadAsync(body, cancellationToken), options, cancellationToken);
        });

    /// <summary>Publishes the bytes that are posted in a transaction with a row of the app's own, and commits or not.</summary>
    public static Task<IResult> OrderAsync(
        bool commit, Stream body, NpgsqlDataSource database, IWebhookPublisher publisher, CancellationToken cancellationToken) =>
        AnswerAsync(async () =>
        {
            var json = await ReadAsync(body, cancellationToken);
            using var order = JsonDocument.Parse(json);
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            var published = await publisher.PublishJsonAsync("order.paid", json, transaction, cancellationToken: cancellationToken);
            await using var insert = new NpgsqlCommand("insert into orders (number) values ($1)", connection, transaction)
            {
                Parameters = { new() { Value = order.RootElement.GetProperty("number").GetInt32() } },
            };
            await insert.ExecuteNonQueryAsync(cancellationToken);
            if (commit)
            {
                await transaction.CommitAsync(cancellationToken);
                published.Notify();
            }

            return published;
        });

    private static async Task<byte[]> ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        using var json = new MemoryStream();
        await body.CopyToAsync(json, cancellationToken);
        return json.ToArray();
    }

    // A store that failed answers 503, and any other exception 500 with its type.
    private static async Task<IResult> AnswerAsync(Func<Task<PublishedEvent>> publish)
    {
        try
        {
            return Results.Text($"{(await publish()).Id}");
        }
        catch (WebhookStoreException exception)
        {
            return Results.Text($"{(exception.IsTransient ? "transient" : "permanent")}: {exception.Message}", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
        catch (Exception exception)
        {
            // Whatever else reaches the app is for the test to judge.
            return Results.Text($"{exception}", statusCode: StatusCodes.Status500InternalServerError);
        }
    }
}
