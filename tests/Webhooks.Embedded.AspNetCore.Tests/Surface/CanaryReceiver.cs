using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Webhooks.Embedded.AspNetCore.Tests.Surface;

/// <summary>A receiver that remembers the headers it got. It has no log of its own.</summary>
internal sealed class CanaryReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;

    private CanaryReceiver()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(async context =>
        {
            Heads.Enqueue(string.Join('\n', context.Request.Headers.Select(header => $"{header.Key}: {header.Value}")));
            await context.Request.Body.CopyToAsync(Stream.Null);
            context.Response.StatusCode = Status;
            await context.Response.WriteAsync("thanks");
        });
    }

    public int Status { get; set; } = 200;

    public ConcurrentQueue<string> Heads { get; } = [];

    public string Url => _app.Urls.Single() + "/in";

    public static async Task<CanaryReceiver> StartAsync()
    {
        var receiver = new CanaryReceiver();
        await receiver._app.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
