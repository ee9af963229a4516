using System.Net;
using System.Text.RegularExpressions;

namespace Webhooks.Embedded.EndToEndTests.SeveralNodes;

/// <summary>A node as a process of its own: the program Webhooks.Embedded.TestNode.</summary>
internal sealed partial class Node : IAsyncDisposable
{
    private const string Program = "tests/Webhooks.Embedded.TestNode";

    private readonly ChildProcess _process;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(60) };
    private bool _isEnded;

    private Node(string name, ChildProcess process)
    {
        Name = name;
        _process = process;
    }

    public string Name { get; }

    public string Output => _process.Output;

    public bool HasExited => _process.HasExited;

    /// <summary>Whether it ended although nobody ended it.</summary>
    public bool HasEndedByItself => _process.HasExited && !_isEnded;

    public static async Task<Node> LaunchAsync(
        string name, string connectionString, IReadOnlyDictionary<string, string>? environment, params IEnumerable<string> options) =>
        new(name, await ChildProcess.StartAsync(
            Program,
            Path.GetTempPath(),
            ["--urls", "http://127.0.0.1:0", "--Webhooks:Egress:AllowLoopback", "true", "--Node:Name", name, "--ConnectionStrings:Webhooks", connectionString, .. options],
            environment));

    /// <summary>Waits until it is up.</summary>
    public async Task UntilReadyAsync()
    {
        Match? address = null;
        await Until.TrueAsync(() => (address = Address().Match(Output)).Success || _process.HasExited, () => Output);
        Assert.True(address!.Success, $"Node {Name} did not start:\n{Output}");
        _http.BaseAddress = new Uri(address.Groups["url"].Value);
    }

    /// <returns>The webhook's number.</returns>
    public async Task<long> RegisterAsync(string tenant, string url)
    {
        using var response = await _http.PostAsync($"/webhooks?tenant={tenant}&url={Uri.EscapeDataString(url)}&secret={Uri.EscapeDataString(Receiver.Secret)}", null);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return long.Parse(text);
    }

    /// <summary>Publishes exactly these bytes.</summary>
    public Task<(HttpStatusCode Status, string Text)> PublishAsync(string tenant, byte[] json, string? key) =>
        PostAsync($"/publish?tenant={tenant}{(key is null ? "" : $"&key={Uri.EscapeDataString(key)}")}", json);

    /// <summary>Publishes exactly these bytes in a transaction of the app, which is committed or not.</summary>
    public Task<(HttpStatusCode Status, string Text)> OrderAsync(bool commit, byte[] json) => PostAsync($"/orders?commit={commit}", json);

    /// <summary>Ends it as a crash does.</summary>
    public Task KillAsync()
    {
        _isEnded = true;
        return _process.KillAsync();
    }

    /// <summary>Asks it to stop.</summary>
    /// <returns>Its exit code.</returns>
    public Task<int> TerminateAsync()
    {
        _isEnded = true;
        return _process.TerminateAsync();
    }

    /// <summary>Waits for it to end by itself.</summary>
    /// <returns>Its exit code.</returns>
    public Task<int> ExitAsync()
    {
        _isEnded = true;
        return _process.ExitAsync();
    }

    /// <summary>Stops it from running at all, as a paused virtual machine does.</summary>
    public Task HaltAsync() => _process.HaltAsync();

    /// <summary>Lets it run again.</summary>
    public void Resume() => _process.Resume();

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _process.DisposeAsync();
    }

    private async Task<(HttpStatusCode Status, string Text)> PostAsync(string path, byte[] json)
    {
        using var response = await _http.PostAsync(path, new ByteArrayContent(json));
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    [GeneratedRegex("listens on (?<url>http://[^ ]+) ", RegexOptions.ExplicitCapture)]
    private static partial Regex Address();
}
