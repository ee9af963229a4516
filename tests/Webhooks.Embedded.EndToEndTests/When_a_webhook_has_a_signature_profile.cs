using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Webhooks.Embedded.EndToEndTests;

public sealed class When_a_webhook_has_a_signature_profile
{
    // What the server adds to any request, and the log does not show.
    private static readonly string[] OfTheConnection = ["Host", "Content-Length", ":method"];

    public static TheoryData<string, string, string> Vendors => new()
    {
        { "docspace", "test123!@#%ABC", "x-docspace-signature-256" },
        { "baanx", "whk_a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6", "X-Timestamp X-Signature" },
        { "bird", "KeV+/HGoIQrxuE5YPCRR6AuQOJveldYNNhbVi1i22qk=", "messagebird-request-id messagebird-request-timestamp messagebird-signature" },
        { "docspace", Receiver.Secret, "x-docspace-signature-256" },
    };

    [Theory]
    [MemberData(nameof(Vendors))]
    public async Task The_receiver_gets_what_the_vendor_would_send_beside_the_standard_headers(string profile, string secret, string names)
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await WebhooksApp.StartAsync();
        var url = receiver.Url.Replace("127.0.0.1", "LOCALHOST", StringComparison.Ordinal) + "?a=%2F&b=%C3%BC";
        await RegisterAsync(app, url, profile, secret);

        var delivery = await app.UntilAsync(await app.PublishAsync(payload: new { Name = "Zoë 日本" }), WebhookDeliveryStatus.Delivered);

        var request = Assert.Single(receiver.Requests);
        Assert.True(new WebhookVerifier([secret]).Verify(request.Body, request.Headers).IsValid);
        Assert.Equal(Expected(profile, secret, url, request), names.Split(' ').Select(name => request.Headers[name].ToString()));

        // The log shows all that was sent, and nothing else.
        Assert.Equal(
            request.Headers.Where(header => !OfTheConnection.Contains(header.Key)).Select(header => $"{header.Key}: {header.Value}".ToUpperInvariant()).Order(StringComparer.Ordinal),
            delivery.LastAttempt!.RequestHeaders.Select(header => $"{header.Key}: {header.Value}".ToUpperInvariant()).Order(StringComparer.Ordinal));
        Assert.All(delivery.LastAttempt.RequestHeaders, header => Assert.Equal(header.Value, request.Headers[header.Key].ToString()));
    }

    [Fact]
    public async Task The_apps_own_profile_signs_what_is_sent()
    {
        await using var receiver = await Receiver.StartAsync();
        WebhookSignatureInput? seen = null;
        await using var app = await WebhooksApp.StartAsync(services: services => services.AddWebhooks().AddSignatureProfile("acme", input =>
        {
            seen = input;
            return [new("X-Acme", $"{input.Timestamp} {input.Body.Length}"), new("Authorization", "HMAC abc=, def")];
        }));
        await RegisterAsync(app, receiver.Url, "acme", Receiver.Secret);

        var published = await app.PublishAsync();
        await app.UntilAsync(published, WebhookDeliveryStatus.Delivered);

        var request = Assert.Single(receiver.Requests);
        Assert.Equal($"{request.Timestamp} {request.Body.Length}", request.Headers["X-Acme"].ToString());
        Assert.Equal("HMAC abc=, def", request.Headers.Authorization.ToString());
        Assert.Equal((published.Id, receiver.Url, Receiver.Secret), (seen!.Id, seen.Url, seen.Secret));
        Assert.DoesNotContain(Receiver.Secret, $"{seen}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_newest_secret_alone_signs_it_while_a_rotation_overlaps()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await WebhooksApp.StartAsync();
        var webhook = await RegisterAsync(app, receiver.Url, "docspace", Receiver.Secret);

        var rotated = await app.Registry.RotateSecretAsync(webhook.Id, "a-new-secret-of-ours");
        await app.UntilAsync(await app.PublishAsync(), WebhookDeliveryStatus.Delivered);

        var request = Assert.Single(receiver.Requests);
        Assert.Equal(2, request.Signature.Split(' ').Length);
        Assert.Equal($"sha256={Hex(rotated!.Secret, request.Body)}", request.Headers["x-docspace-signature-256"].ToString());
    }

    [Fact]
    public async Task It_is_not_sent_while_the_app_does_not_know_the_profile_and_waits_for_a_person_in_the_end()
    {
        await using var receiver = await Receiver.StartAsync();
        var directory = Directory.CreateTempSubdirectory("webhooks-").FullName;
        await using (var app = await StartAsync(directory, withProfile: true))
        {
            await RegisterAsync(app, receiver.Url, "acme", Receiver.Secret);
        }

        WebhookDelivery parked;
        await using (var app = await StartAsync(directory, withProfile: false))
        {
            var published = await app.PublishAsync();
            parked = await app.UntilAsync(published, WebhookDeliveryStatus.Parked);

            Assert.Equal((2, WebhookAttemptOutcome.SignatureFailed), (parked.Attempts, parked.LastAttempt!.Outcome));
            Assert.Contains("AddSignatureProfile(\"acme\"", parked.LastAttempt.Error, StringComparison.Ordinal);
            Assert.Empty(parked.LastAttempt.RequestHeaders);
            Assert.Empty(receiver.Requests);
            Assert.Contains("'acme'", (await app.Registry.FindAsync(parked.WebhookId))!.LastFailure, StringComparison.Ordinal);
        }

        await using (var app = await StartAsync(directory, withProfile: true))
        {
            Assert.Equal(WebhookRetryResult.Queued, await app.Deliveries.RetryAsync(parked.Id));
            await Until.TrueAsync(() => receiver.Requests.Count == 1);
        }

        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task A_profile_that_fails_is_its_own_webhooks_trouble_and_the_log_says_so()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await WebhooksApp.StartAsync(
            options => options.Retry.Delays = [],
            services => services.AddWebhooks()
                .AddSignatureProfile("throws", input => throw new InvalidOperationException(input.Secret))
                .AddSignatureProfile("smuggles", _ => [new("X-Acme", "v\r\nX-Evil: 1")]));
        await RegisterAsync(app, receiver.UrlFor("throws"), "throws", Receiver.Secret, "order.created");
        await RegisterAsync(app, receiver.UrlFor("smuggles"), "smuggles", Receiver.Secret, "order.paid");

        var thrown = await app.UntilAsync(await app.PublishAsync("order.created"), WebhookDeliveryStatus.Parked);
        var smuggled = await app.UntilAsync(await app.PublishAsync("order.paid"), WebhookDeliveryStatus.Parked);
        await app.RegisterAsync(receiver.UrlFor("sound"));
        await app.PublishAsync();
        await Until.TrueAsync(() => receiver.Requests.Any(request => request.Webhook == "sound"));

        Assert.Single(receiver.Requests);
        Assert.Contains("'throws' threw InvalidOperationException", thrown.LastAttempt!.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Receiver.Secret, thrown.LastAttempt.Error, StringComparison.Ordinal);
        Assert.Contains("'smuggles'", smuggled.LastAttempt!.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_profile_whose_name_is_taken_keeps_the_app_from_starting()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddWebhooks().UseSqlite("Data Source=never-opened.db").AddTrigger("order.paid").AddSignatureProfile("bird", _ => []);
        using var host = builder.Build();

        var fault = await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync());

        Assert.Contains("AddSignatureProfile(\"bird\")", fault.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Expected(string profile, string secret, string url, Received request)
    {
        var time = $"{request.Timestamp}";
        return profile switch
        {
            "docspace" => [$"sha256={Hex(secret, request.Body)}"],
            "baanx" => [time, Hex(secret, [.. Encoding.UTF8.GetBytes($"{time}."), .. request.Body]).ToLowerInvariant()],
            _ =>
            [
                $"{request.Id}",
                time,
                Convert.ToBase64String(Hash(secret, [.. Encoding.UTF8.GetBytes($"{time}\n{url}\n"), .. SHA256.HashData(request.Body)])),
            ],
        };
    }

    private static string Hex(string secret, byte[] message) => Convert.ToHexString(Hash(secret, message));

    private static byte[] Hash(string secret, byte[] message) => HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), message);

    private static Task<WebhooksApp> StartAsync(string directory, bool withProfile) => WebhooksApp.StartAsync(
        options => options.Retry.Delays = [TimeSpan.FromMilliseconds(20)],
        services =>
        {
            if (withProfile)
            {
                services.AddWebhooks().AddSignatureProfile("acme", _ => [new("X-Acme", "x")]);
            }
        },
        directory);

    private static async Task<Webhook> RegisterAsync(WebhooksApp app, string url, string profile, string secret, string trigger = "*") =>
        (await app.Registry.CreateAsync(
            new WebhookSettings { Name = "test", Url = url, Triggers = [trigger], Secret = secret, SignatureProfile = profile })).Webhook;
}
