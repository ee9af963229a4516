using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Webhooks.Embedded.AspNetCore.Tests.Admin;

/// <summary>What webhooks of the tests point at.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Receiver()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            Bodies.Enqueue(body.ToArray());
            await Hold;
            context.Response.StatusCode = Status;
            context.Response.Headers.RetryAfter = RetryAfter;
            await context.Response.WriteAsync("thanks");
        });
    }

    public int Status { get; set; } = 200;

    /// <summary>What it asks for; null: nothing.</summary>
    public string? RetryAfter { get; set; }

    /// <summary>What it waits for before it answers.</summary>
    public Task Hold { get; set; } = Task.CompletedTask;

    public ConcurrentQueue<byte[]> Bodies { get; } = [];

    public string Url => _app.Urls.Single() + "/in";

    public static async Task<Receiver> StartAsync()
    {
        var receiver = new Receiver();
        await receiver._app.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
