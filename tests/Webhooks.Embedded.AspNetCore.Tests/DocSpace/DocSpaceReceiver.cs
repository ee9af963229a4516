using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Webhooks.Embedded.AspNetCore.Tests.DocSpace;

/// <summary>Real receivers, one for each path, that answer what a test tells them to.</summary>
public sealed class DocSpaceReceiver : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, int> _statuses = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _gates = new();
    private readonly ConcurrentQueue<(string Name, string Id, string Body)> _received = new();
    private readonly ConcurrentDictionary<string, int> _probed = new();
    private readonly WebApplication _app;

    private DocSpaceReceiver(WebApplication app) => _app = app;

    public string Url(string name) => $"{_app.Urls.Single()}/{name}";

    /// <summary>What the receiver of that name got, the first one first.</summary>
    public IReadOnlyList<(string Id, string Body)> Received(string name) =>
        [.. _received.Where(request => request.Name == name).Select(request => (request.Id, request.Body))];

    public void Answer(string name, int status) => _statuses[name] = status;

    /// <summary>How often somebody asked whether the receiver of that name is there.</summary>
    public int Probed(string name) => _probed.GetValueOrDefault(name);

    /// <summary>Makes the receiver of that name hang until the gate is opened.</summary>
    public TaskCompletionSource Hang(string name) =>
        _gates[name] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public static async Task<DocSpaceReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var receiver = new DocSpaceReceiver(app);
        app.MapPost("/{name}", receiver.ReceiveAsync);
        app.MapMethods("/{name}", [HttpMethods.Head], receiver.Probe);
        await app.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync()
    {
        foreach (var gate in _gates.Values)
        {
            gate.TrySetResult();
        }

        return _app.DisposeAsync();
    }

    private IResult Probe(string name)
    {
        _probed.AddOrUpdate(name, 1, (_, times) => times + 1);
        return _statuses.GetValueOrDefault(name, 405) is >= 300 and < 400 and var redirect
            ? new Redirection(redirect, Url("there"))
            : Results.StatusCode(_statuses.GetValueOrDefault(name, 405));
    }

    private sealed class Redirection(int status, string location) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = status;
            httpContext.Response.Headers.Location = location;
            return Task.CompletedTask;
        }
    }

    private async Task ReceiveAsync(HttpContext http, string name)
    {
        using var reader = new StreamReader(http.Request.Body);
        _received.Enqueue((name, http.Request.Headers["webhook-id"].ToString(), await reader.ReadToEndAsync()));
        if (_gates.TryGetValue(name, out var gate))
        {
            await gate.Task;
        }

        http.Response.StatusCode = _statuses.GetValueOrDefault(name, 200);
        await http.Response.WriteAsync("thanks");
    }
}
