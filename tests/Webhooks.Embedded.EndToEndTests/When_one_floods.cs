using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Webhooks.Embedded.EndToEndTests;

/// <summary>One tenant, or one webhook, with more than can be done: the others' deliveries go on.</summary>
public sealed class When_one_floods(ITestOutputHelper output)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_tenants_flood_leaves_another_its_place_even_if_its_receivers_stop_answering()
    {
        const int Flooding = 100;
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var holds = false;
        await using var receiver = await Receiver.StartAsync();
        receiver.Script = request => Volatile.Read(ref holds) && request.Webhook == "flooding" ? new Answer(200) { Until = end.Task } : new Answer(200);
        await using var app = await WebhooksApp.StartAsync(options =>
        {
            options.Concurrency = 64;
            options.Timeout = TimeSpan.FromSeconds(50);
        });
        for (var i = 0; i < Flooding; i++)
        {
            await RegisterAsync(app, receiver.UrlFor("flooding"), "flooding");
        }

        await RegisterAsync(app, receiver.UrlFor("other"), "other");

        // Until all are trusted.
        await PublishAsync(app, "flooding");
        await PublishAsync(app, "other");
        await Until.TrueAsync(() => receiver.Requests.Count(request => request.Status == 200) == Flooding + 1);

        Volatile.Write(ref holds, true);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => PublishAsync(app, "flooding")));
        await Until.TrueAsync(() => Held(receiver) == 32);
        for (var i = 0; i < 50; i++)
        {
            await PublishAsync(app, "other");
        }

        await Until.TrueAsync(() => receiver.Requests.Count(request => request is { Webhook: "other", Status: 200 }) == 51);
        Assert.Equal(32, Held(receiver));
        end.SetResult();
    }

    [Fact]
    public async Task A_hundred_thousand_due_deliveries_of_one_webhook_do_not_hold_up_what_is_due_or_published_for_others()
    {
        const int Backlog = 100_000;
        const int Others = 20;
        var directory = Directory.CreateTempSubdirectory("webhooks-").FullName;
        await using var receiver = await Receiver.StartAsync();
        receiver.Script = request => new Answer(200, request.Webhook == "backlog" ? TimeSpan.FromMilliseconds(2) : default);
        await using (var publisher = WebhooksApp.Create(services: services => services.AddWebhooks().WithoutDispatcher(), directory: directory))
        {
            await publisher.StartAsync();
            await RegisterAsync(publisher, receiver.UrlFor("backlog"), tenant: "", target: "backlog");
            for (var i = 0; i < Others; i++)
            {
                await RegisterAsync(publisher, receiver.UrlFor($"other{i}"), tenant: "", target: "other");
            }

            await publisher.Publisher.PublishAsync("order.created", new { }, new PublishOptions { Target = "backlog" }, Cancellation);
            await using (var connection = new SqliteConnection(publisher.ConnectionString))
            {
                await connection.OpenAsync(Cancellation);
                await MultiplyAsync(connection, Backlog);
            }

            await publisher.Publisher.PublishAsync("order.created", new { }, new PublishOptions { Target = "other" }, Cancellation);
        }

        await using (var app = await WebhooksApp.StartAsync(directory: directory))
        {
            await Until.TrueAsync(() => receiver.Requests.Count(request => request is { Webhook: "backlog" }) > 100);
            for (var i = 0; i < 10; i++)
            {
                await app.Publisher.PublishAsync("order.created", new { }, new PublishOptions { Target = "other" }, Cancellation);
                await app.Publisher.PublishAsync("order.created", new { n = i }, new PublishOptions { Target = "backlog" }, Cancellation);
            }

            // What was due, and what is fresh; of the webhook with the backlog, too.
            await Until.TrueAsync(() => receiver.Requests.Count(request => request.Webhook.StartsWith("other", StringComparison.Ordinal)) == Others * 11);
            await Until.TrueAsync(() => receiver.Requests.Count(request => request is { Webhook: "backlog", Text.Length: > 2 }) == 10);
            var done = receiver.Requests.Count(request => request is { Webhook: "backlog" });
            Assert.InRange(done, 1, Backlog - 1);
            output.WriteLine($"All others had come when {done} of {Backlog} of the backlog had.");
        }

        Directory.Delete(directory, recursive: true);
    }

    /// <summary>Copies the one event and its delivery, whatever columns they have.</summary>
    private static async Task MultiplyAsync(DbConnection connection, int count)
    {
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await CopyAsync("webhook_events", ("id", "e.id + n"), ("uid", "lower(hex(randomblob(16)))"));
        await CopyAsync("webhook_queue", ("id", "e.id + n"), ("event_id", "e.event_id + n"));
        await transaction.CommitAsync(Cancellation);

        async Task CopyAsync(string table, params (string Column, string Value)[] changed)
        {
            var values = changed.ToDictionary(change => change.Column, change => change.Value);
            var columns = (await connection.QueryAsync<string>($"select name from pragma_table_info('{table}')", transaction: transaction)).ToArray();
            await connection.ExecuteAsync(
                $"""
                with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < {count - 1})
                insert into {table} ({string.Join(", ", columns)})
                select {string.Join(", ", columns.Select(column => values.GetValueOrDefault(column, $"e.{column}")))} from numbers join {table} e where e.id = 1
                """,
                transaction: transaction);
        }
    }

    private static int Held(Receiver receiver) => receiver.Requests.Count(request => request is { Webhook: "flooding", Status: 0 });

    private static Task<PublishedEvent> PublishAsync(WebhooksApp app, string tenant) =>
        app.Publisher.PublishAsync("order.created", new { }, new PublishOptions { Tenant = tenant }, Cancellation);

    private static Task<WebhookWithSecret> RegisterAsync(WebhooksApp app, string url, string tenant, string? target = null) => app.Registry.CreateAsync(
        new WebhookSettings { Name = "a", Url = url, Triggers = ["*"], Tenant = tenant, Target = target, Secret = Receiver.Secret }, Cancellation);
}
