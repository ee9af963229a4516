using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Webhooks.Embedded.ConformanceTests;

/// <summary>An app on a real port whose endpoints a test maps.</summary>
internal sealed class ReceivingApp : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ReceivingApp(WebApplication app)
    {
        _app = app;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public HttpClient Client { get; }

    public static async Task<ReceivingApp> StartAsync(Action<WebApplication> map)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        map(app);
        await app.StartAsync();
        return new ReceivingApp(app);
    }

    public async Task<HttpResponseMessage> PostAsync(string path, HttpContent content, string? signature = Vectors.Signature)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        request.Headers.Add("webhook-id", Vectors.Id);
        request.Headers.Add("webhook-timestamp", $"{Vectors.Timestamp}");
        if (signature is not null)
        {
            request.Headers.Add("webhook-signature", signature);
        }

        return await Client.SendAsync(request);
    }

    public static async Task<string?> ProblemCodeAsync(HttpResponseMessage response)
    {
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = await response.Content.ReadFromJsonAsync<JsonObject>();
        Assert.Equal((int)response.StatusCode, problem!["status"]!.GetValue<int>());
        Assert.NotEmpty(problem["detail"]!.GetValue<string>());
        return problem["code"]!.GetValue<string>();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}
