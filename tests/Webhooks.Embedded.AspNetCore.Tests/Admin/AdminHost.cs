using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Webhooks.Embedded.AspNetCore.Tests.Admin;

/// <summary>An app with the admin API on a real server, and a store of its own in a temporary file.</summary>
internal sealed class AdminHost : IAsyncDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"webhooks-admin-{Guid.NewGuid():N}.db");
    private WebApplication _app = null!;

    public HttpClient Client { get; private set; } = null!;

    public IServiceProvider Services => _app.Services;

    public CollectedLogs Logs { get; } = new();

    /// <summary>Starts the app. Unless told otherwise it is in Production, and its admin API is open to everybody at <c>/webhooks</c>.</summary>
    public static async Task<AdminHost> StartAsync(
        Action<WebApplicationBuilder>? build = null,
        Action<WebApplication>? map = null,
        string environment = "Production",
        bool dispatch = false,
        Action<WebhooksOptions>? configure = null)
    {
        var host = new AdminHost();
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders().AddProvider(host.Logs);
        var webhooks = builder.Services.AddWebhooks(options =>
            {
                // Receivers of the tests are on this machine.
                options.Egress.AllowLoopback = dispatch;
                configure?.Invoke(options);
            })
            .UseSqlite($"Data Source={host._file}")
            .AddTrigger("order.created", "An order was placed", number: 0)
            .AddTrigger("order.paid", "An invoice was settled", number: 1)
            .AddTrigger("user.created");
        if (!dispatch)
        {
            webhooks.WithoutDispatcher();
        }

        build?.Invoke(builder);

        host._app = builder.Build();
        (map ?? (app => app.MapWebhookAdmin("/webhooks").AllowAnonymous()))(host._app);
        await host._app.StartAsync();
        host.Client = new HttpClient { BaseAddress = new Uri(host._app.Urls.Single() + "/webhooks/api/") };
        return host;
    }

    /// <summary>How many rows each table has.</summary>
    public async Task<string> CountRowsAsync()
    {
        var tables = new List<string>();
        await foreach (var table in ReadAsync("select name from sqlite_master where type = 'table' and name not like 'sqlite%' order by name"))
        {
            tables.Add(table);
        }

        var counts = new List<string>();
        foreach (var table in tables)
        {
            await foreach (var count in ReadAsync($"select count(*) from {table}"))
            {
                counts.Add($"{table} {count}");
            }
        }

        return string.Join(", ", counts);
    }

    /// <summary>The columns of tables.</summary>
    public async Task<IReadOnlyList<string>> ColumnsAsync(params string[] tables)
    {
        var columns = new List<string>();
        foreach (var table in tables)
        {
            await foreach (var column in ReadAsync($"select name from pragma_table_info('{table}')"))
            {
                columns.Add(column);
            }
        }

        return [.. columns.Distinct(StringComparer.Ordinal)];
    }

    public Task<HttpResponseMessage> GetAsync(string path) => Client.GetAsync(path);

    public Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, string? json = null, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path);
        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return Client.SendAsync(request);
    }

    public Task<HttpResponseMessage> PostAsync(string path, string? json = null) => SendAsync(HttpMethod.Post, path, json);

    /// <summary>Registers a webhook that wants all orders.</summary>
    public async Task<Json> CreateWebhookAsync(string name = "Orders", string url = "https://example.com/in") =>
        await Json.OfAsync(await PostAsync("webhooks", $$"""{"name":"{{name}}","url":"{{url}}","triggers":["order.*"]}"""), 201);

    public async Task<Json> PublishAsync(string json = """{"trigger":"order.paid","payload":{"total":12}}""") =>
        await Json.OfAsync(await PostAsync("events", json), 202);

    private async IAsyncEnumerable<string> ReadAsync(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={_file};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            yield return reader.GetString(0);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(_file)!, Path.GetFileName(_file) + "*"))
        {
            File.Delete(file);
        }
    }
}

internal sealed class CollectedLogs : ILoggerProvider
{
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lock)
            {
                return [.. _lines];
            }
        }
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Logger(CollectedLogs logs, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (logs._lock)
            {
                logs._lines.Add($"{logLevel} {category} {eventId.Id} {formatter(state, exception)}");
            }
        }
    }
}
