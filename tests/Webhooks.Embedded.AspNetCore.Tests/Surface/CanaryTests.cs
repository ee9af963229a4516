using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Webhooks.Embedded.AspNetCore.Tests.Admin;
using Webhooks.Embedded.AspNetCore.Tests.DocSpace;

namespace Webhooks.Embedded.AspNetCore.Tests.Surface;

/// <summary>
/// Secrets and values of headers that nothing else can look like go through everything. They come out where they are meant to, and nowhere else.
/// </summary>
public sealed class CanaryTests : IDisposable
{
    private const string First = "canary-one-7f3c19e5b2d84a60";
    private const string Second = "canary-two-91d4e6a8c07b3f25";
    private const string Third = "canary-three-4b8e2f60a9c7d135";
    private const string OfDocSpace = "canary-docspace-c25f8b1e";
    private const string OfBird = "canary-bird-08e7d6c5b4a39281";
    private const string Value = "canary-value-e1f0d9c8b7a69584";
    private const string OtherValue = "canary-other-2c4e6081a3b5d7f9";
    private const string Whsec = "whsec_Y2FuYXJ5LW9mLWJhc2U2NC1ieXRlcy0wMTIzNDU2Nzg5";

    private static readonly string[] Canaries = [First, Second, Third, OfDocSpace, OfBird, Value, OtherValue, Whsec];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ConcurrentQueue<string> _signals = new();
    private readonly ActivityListener _activities;
    private readonly MeterListener _meters;

    public CanaryTests()
    {
        _activities = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => _signals.Enqueue($"{activity.DisplayName} {string.Join(' ', activity.TagObjects)} {string.Join(' ', activity.Events.SelectMany(e => e.Tags))} {string.Join(' ', activity.Baggage)}"),
        };
        ActivitySource.AddActivityListener(_activities);
        _meters = new MeterListener { InstrumentPublished = (instrument, listener) => listener.EnableMeasurementEvents(instrument) };
        _meters.SetMeasurementEventCallback<long>((instrument, _, tags, _) => _signals.Enqueue($"{instrument.Name} {string.Join(' ', tags.ToArray())}"));
        _meters.SetMeasurementEventCallback<double>((instrument, _, tags, _) => _signals.Enqueue($"{instrument.Name} {string.Join(' ', tags.ToArray())}"));
        _meters.Start();
    }

    public void Dispose()
    {
        _activities.Dispose();
        _meters.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task They_are_in_no_file_log_trace_or_answer_but_where_they_are_shown_on_purpose(bool isProtected)
    {
        using var logs = new TraceLogs();
        var directory = Directory.CreateTempSubdirectory("webhooks-canary-");
        var answers = new List<(string Where, string Text)>();
        await using (var receiver = await CanaryReceiver.StartAsync())
        await using (var host = await AdminHost.StartAsync(
            builder =>
            {
                MappedApis.AddTriggers(builder);
                builder.Logging.SetMinimumLevel(LogLevel.Trace).AddProvider(logs);
                builder.Services.AddOpenApi();
                TestUser.Add(builder);
                var webhooks = builder.Services.AddWebhooks().UseSqlite($"Data Source={Path.Combine(directory.FullName, "canary.db")}");
                if (!isProtected)
                {
                    webhooks.WithoutSecretProtection();
                }
            },
            app =>
            {
                MappedApis.MapVendorShaped(app, api => api.RequireAuthorization("Admin"));
                app.MapWebhookAdmin("/webhooks", options => options.RevealPolicy = "Admin").RequireAuthorization("Admin");
                app.MapOpenApi().AllowAnonymous();
            },
            dispatch: true,
            configure: options => options.Retry.Delays = [TimeSpan.Zero, TimeSpan.FromDays(1)]))
        {
            host.Client.DefaultRequestHeaders.Add(TestUser.Admin.Name, TestUser.Admin.Value);
            await RunAsync(host, receiver, answers);
            Assert.Contains(receiver.Heads, head => head.Contains($"X-Api-Key: {Value}", StringComparison.Ordinal));

            // With the write-ahead log, as it is while the app runs.
            var found = FilesWithCanaries(directory);
            if (isProtected)
            {
                Assert.Empty(found);
            }
            else
            {
                // What is stored as it is, is found: so that the search is worth something.
                Assert.NotEmpty(found);
            }
        }

        Assert.Equal(isProtected, FilesWithCanaries(directory).Count == 0);
        Assert.All(Canaries, canary => Assert.DoesNotContain(logs.Lines, line => line.Contains(canary, StringComparison.Ordinal)));
        Assert.All(Canaries, canary => Assert.DoesNotContain(_signals, line => line.Contains(canary, StringComparison.Ordinal)));
        Assert.Empty(answers.Where(answer => Canaries.Any(canary => answer.Text.Contains(canary, StringComparison.Ordinal))).Select(answer => $"{answer.Where}: {answer.Text}"));
        Assert.True(logs.Lines.Count > 100, $"{logs.Lines.Count} lines");
        Assert.Contains(_signals, line => line.StartsWith("webhooks.attempt.duration", StringComparison.Ordinal));
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        directory.Delete(recursive: true);
    }

    [Fact]
    public void Nothing_that_people_log_as_a_whole_tells_them()
    {
        var settings = new WebhookSettings { Name = "a", Secret = First, Headers = [new("X-Api-Key", Value)] };

        Assert.All(
            new object[] { settings, settings.Headers[0] },
            value => Assert.DoesNotContain("canary", value.ToString(), StringComparison.Ordinal));
    }

    private static async Task RunAsync(AdminHost host, CanaryReceiver receiver, List<(string Where, string Text)> answers)
    {
        // Created by every API. These answers show the secret, and nothing else does.
        await ShownAsync(First, HttpMethod.Post, "webhooks", $$"""
            {"name":"A","url":"{{receiver.Url}}","triggers":["*"],"secret":"{{First}}","signatureProfile":"baanx","headers":[{"name":"X-Api-Key","value":"{{Value}}"}]}
            """);
        await ShownAsync(Whsec, HttpMethod.Post, "webhooks", $$"""{"name":"B","url":"{{receiver.Url}}","triggers":["*"],"secret":"{{Whsec}}"}""");
        await ShownAsync(OfBird, HttpMethod.Post, "/bird/workspaces/w/webhook-subscriptions", $$"""
            {"service":"channels","event":"order.paid","url":"https://example.com/in","signingKey":"{{OfBird}}"}
            """);
        await AskAsync(HttpMethod.Post, "/api/2.0/settings/webhook", $$"""
            {"name":"D","uri":"{{receiver.Url}}","secretKey":"{{OfDocSpace}}","enabled":true,"triggers":0}
            """);

        // Delivered, failed, rotated between two attempts.
        await PublishAsync("delivered");
        receiver.Status = 500;
        await PublishAsync("retrying");
        await ShownAsync(Second, HttpMethod.Post, "webhooks/1/rotate-secret", $$"""{"secret":"{{Second}}","overlapSeconds":3600}""");
        await ShownAsync(Third, HttpMethod.Post, "webhooks/1/rotate-secret", $$"""{"secret":"{{Third}}","overlapSeconds":3600}""");
        await AskAsync(HttpMethod.Patch, "webhooks/1", $$"""{"headers":[{"name":"X-Api-Key","value":"{{OtherValue}}"},{"name":"X-Other","value":"{{Value}}"}]}""");
        await PublishAsync("retrying");
        await ShownAsync(Third, HttpMethod.Post, "webhooks/1/reveal-secrets", null);
        await AskAsync(HttpMethod.Post, "webhooks/1/revoke-secrets", null);

        // Refused.
        await AskAsync(HttpMethod.Post, "webhooks", $$"""{"name":"A","url":"{{receiver.Url}}","triggers":["*"],"secret":"{{First}} x"}""");
        await AskAsync(HttpMethod.Post, "webhooks", $$"""{"name":"A","url":"{{receiver.Url}}","triggers":["*"],"headers":[{"name":"X-A","value":"{{Value}}\r\nX: 1"}]}""");
        await AskAsync(HttpMethod.Post, "webhooks", $$"""{"name":"A","url":"{{receiver.Url}}","triggers":["*"],"headers":["{{Value}}"]}""");
        await AskAsync(HttpMethod.Post, "webhooks", $$"""{"name":"A","secret":"{{First}}","headers":{{{Value}}""");
        await AskAsync(HttpMethod.Post, "webhooks/1/rotate-secret", $$"""{"secret":"{{Second}}","overlapSeconds":-1}""");
        await AskAsync(HttpMethod.Post, "/api/2.0/settings/webhook", $$"""{"name":"","uri":"x","secretKey":"{{OfDocSpace}} {{OfDocSpace}}"}""");
        await AskAsync(HttpMethod.Post, "/bird/workspaces/w/webhook-subscriptions", $$"""{"service":"x","signingKey":"{{OfBird}} x"}""");

        // Every GET of every API, the OpenAPI document among them.
        var deliveries = (await host.Services.GetRequiredService<IWebhookDeliveries>().ListAsync(new WebhookDeliveryQuery())).Items;
        var webhooks = (await host.Services.GetRequiredService<IWebhookRegistry>().ListAsync(new WebhookQuery())).Items;
        var gets = Routes.Registered(host.Services.GetRequiredService<EndpointDataSource>()).Where(route => route.StartsWith("GET ", StringComparison.Ordinal)).ToArray();
        Assert.True(gets.Length > 20, $"{gets.Length} routes");
        foreach (var route in gets.Select(route => route[4..]))
        {
            foreach (var path in PathsOf(route, webhooks, deliveries).Distinct(StringComparer.Ordinal))
            {
                await AskAsync(HttpMethod.Get, path, null);
            }
        }

        Assert.Contains(answers, answer => answer.Text.Contains("X-Api-Key", StringComparison.Ordinal) && answer.Text.Contains("***", StringComparison.Ordinal));

        async Task ShownAsync(string secret, HttpMethod method, string path, string? json)
        {
            var text = await (await host.SendAsync(method, path, json)).Content.ReadAsStringAsync();
            Assert.Contains(secret, text, StringComparison.Ordinal);
            Assert.DoesNotContain("canary-value", text, StringComparison.Ordinal);
        }

        async Task AskAsync(HttpMethod method, string path, string? json)
        {
            var response = await host.SendAsync(method, path, json);
            answers.Add(($"{method} {path} {(int)response.StatusCode}", $"{response.Headers} {await response.Content.ReadAsStringAsync()}"));
        }

        async Task PublishAsync(string status)
        {
            var id = Guid.Parse((await host.PublishAsync()).Text("id"));
            await DocSpaceHost.UntilAsync(async () =>
                (await host.Services.GetRequiredService<IWebhookDeliveries>().ListAsync(new WebhookDeliveryQuery { EventId = id })).Items
                .Any(delivery => delivery.WebhookId == 1 && delivery.Status.ToString().Equals(status, StringComparison.OrdinalIgnoreCase)));
        }
    }

    private static IEnumerable<string> PathsOf(string route, IReadOnlyList<Webhook> webhooks, IReadOnlyList<WebhookDelivery> deliveries)
    {
        var filled = route.Replace("{workspaceId}", "w", StringComparison.Ordinal).Replace("{organizationId}", Guid.Empty.ToString(), StringComparison.Ordinal)
            .Replace("{name}", "order.paid", StringComparison.Ordinal).Replace("{documentName}", "v1", StringComparison.Ordinal);
        foreach (var delivery in deliveries)
        {
            var webhook = webhooks.Single(webhook => webhook.Id == delivery.WebhookId);
            var isOfDelivery = route.Contains("/deliveries/", StringComparison.Ordinal);
            foreach (var id in new[] { isOfDelivery ? $"{delivery.Id}" : $"{webhook.Id}", $"{webhook.Uid}", $"{delivery.EventId}" })
            {
                yield return Regex.Replace(filled.Replace("{eventId}", $"{delivery.EventId}", StringComparison.Ordinal), @"\{id(?::long)?\}", id, RegexOptions.ExplicitCapture, Patience);
            }
        }
    }

    /// <summary>The files that hold a canary, as text of either encoding, as base64 or as hexadecimal digits.</summary>
    private static IReadOnlyList<string> FilesWithCanaries(DirectoryInfo directory)
    {
        byte[][] wanted =
        [
            .. Canaries.SelectMany(canary => new[]
            {
                Encoding.UTF8.GetBytes(canary), Encoding.Unicode.GetBytes(canary), Encoding.ASCII.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes(canary))[..^4]),
                Encoding.ASCII.GetBytes(Convert.ToHexString(Encoding.UTF8.GetBytes(canary))), Encoding.ASCII.GetBytes(Convert.ToHexStringLower(Encoding.UTF8.GetBytes(canary))),
            }),
            Convert.FromBase64String(Whsec[6..]),
        ];
        return [.. directory.GetFiles("*.db*").Where(file => file.Extension != ".lock" && Holds(file.FullName, wanted)).Select(file => file.Name)];

        static bool Holds(string path, byte[][] wanted)
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            return wanted.Any(bytes => copy.ToArray().AsSpan().IndexOf(bytes) >= 0);
        }
    }
}
