using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Webhooks.Embedded.ConformanceTests;

/// <summary>The guard before an endpoint, over real HTTP.</summary>
public sealed class RequireWebhookSignatureTests
{
    private static readonly Action<WebhookSignatureOptions> Signed = o =>
    {
        o.Secrets.Add(Vectors.Secret);
        o.TimeProvider = new FixedTime(Vectors.Timestamp);
    };

    private sealed record Payload(long Test);

    [Fact]
    public async Task A_signed_request_reaches_a_handler_that_binds_its_body()
    {
        await using var app = await ReceivingApp.StartAsync(routes =>
            routes.MapPost("/in", (Payload payload) => Results.Text($"got {payload.Test}")).RequireWebhookSignature(Signed));

        using var response = await app.PostAsync("/in", Json(Vectors.Body));

        Assert.Equal("got 2432232314", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_handler_reads_the_very_bytes_that_were_signed()
    {
        await using var app = await ReceivingApp.StartAsync(routes =>
            routes.MapPost("/in", async (HttpRequest request) => await new StreamReader(request.Body).ReadToEndAsync())
                .RequireWebhookSignature(Signed));

        using var response = await app.PostAsync("/in", Json(Vectors.Body));

        Assert.Equal(Vectors.Body, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task An_unsigned_request_never_reaches_the_handler_nor_its_binding()
    {
        var reached = false;
        await using var app = await ReceivingApp.StartAsync(routes =>
            routes.MapPost("/in", (Payload _) => { reached = true; }).RequireWebhookSignature(Signed));

        using var unsigned = await app.PostAsync("/in", Json(Vectors.Body), signature: null);
        using var malformed = await app.PostAsync("/in", Json("this is no JSON"));

        Assert.Equal(HttpStatusCode.Unauthorized, unsigned.StatusCode);
        Assert.Equal("missing_header", await ReceivingApp.ProblemCodeAsync(unsigned));
        Assert.Equal(HttpStatusCode.Unauthorized, malformed.StatusCode);
        Assert.Equal("no_matching_signature", await ReceivingApp.ProblemCodeAsync(malformed));
        Assert.False(reached);
    }

    [Fact]
    public async Task Every_endpoint_of_a_group_is_guarded()
    {
        await using var app = await ReceivingApp.StartAsync(routes =>
        {
            var group = routes.MapGroup("/in").RequireWebhookSignature(Signed);
            group.MapPost("/a", () => "a");
            group.MapPost("/b", (Payload payload) => $"b {payload.Test}");
        });

        using var unsigned = await app.PostAsync("/in/a", Json(Vectors.Body), "v1,AAAA");
        using var signed = await app.PostAsync("/in/b", Json(Vectors.Body));

        Assert.Equal(HttpStatusCode.Unauthorized, unsigned.StatusCode);
        Assert.Equal("b 2432232314", await signed.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_request_delegate_is_guarded_as_well()
    {
        RequestDelegate handler = context => context.Response.WriteAsync("reached");
        await using var app = await ReceivingApp.StartAsync(routes => routes.Map("/in", handler).RequireWebhookSignature(Signed));

        using var unsigned = await app.PostAsync("/in", Json("{}"));
        using var signed = await app.PostAsync("/in", Json(Vectors.Body));

        Assert.Equal(HttpStatusCode.Unauthorized, unsigned.StatusCode);
        Assert.Equal("reached", await signed.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_may_be_as_large_as_the_limit_and_not_a_byte_larger(bool chunked)
    {
        await using var app = await ReceivingApp.StartAsync(routes =>
        {
            routes.MapPost("/fits", () => "reached").RequireWebhookSignature(o =>
            {
                Signed(o);
                o.MaxBodyBytes = Vectors.Body.Length;
            });
            routes.MapPost("/too-small", () => "reached").RequireWebhookSignature(o =>
            {
                Signed(o);
                o.MaxBodyBytes = Vectors.Body.Length - 1;
            });
        });

        using var fits = await app.PostAsync("/fits", Json(Vectors.Body, chunked));
        using var tooLarge = await app.PostAsync("/too-small", Json(Vectors.Body, chunked));

        Assert.Equal(HttpStatusCode.OK, fits.StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, tooLarge.StatusCode);
        Assert.Equal("body_too_large", await ReceivingApp.ProblemCodeAsync(tooLarge));
    }

    [Fact]
    public async Task The_refusals_are_part_of_the_endpoints_description()
    {
        IEndpointRouteBuilder? routes = null;
        await using var app = await ReceivingApp.StartAsync(a =>
        {
            a.MapPost("/in", () => "reached").RequireWebhookSignature(Signed);
            routes = a;
        });

        var endpoint = routes!.DataSources.SelectMany(source => source.Endpoints).Single();

        Assert.Equal([401, 413], endpoint.Metadata.OfType<IProducesResponseTypeMetadata>().Select(m => m.StatusCode).Where(s => s >= 400));
    }

    [Fact]
    public void An_app_without_a_usable_secret_does_not_start()
    {
        var app = WebApplication.CreateSlimBuilder().Build();

        Assert.Throws<ArgumentException>(() => app.MapPost("/a", () => "").RequireWebhookSignature(_ => { }));
        Assert.Throws<ArgumentException>(() => app.MapPost("/b", () => "").RequireWebhookSignature(o => o.Secrets.Add("")));
        Assert.Throws<ArgumentException>(() => app.MapPost("/c", () => "").RequireWebhookSignature(o =>
        {
            o.Secrets.Add(Vectors.Secret);
            o.MaxBodyBytes = 0;
        }));
    }

    private static HttpContent Json(string text, bool chunked = false)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        HttpContent content = chunked ? new StreamContent(new UnknownLengthStream(bytes)) : new ByteArrayContent(bytes);
        content.Headers.ContentType = new("application/json");
        return content;
    }

    private sealed class UnknownLengthStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
