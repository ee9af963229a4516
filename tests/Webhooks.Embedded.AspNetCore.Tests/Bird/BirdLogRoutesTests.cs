using System.Text;
using System.Text.Json.Nodes;
using Webhooks.Embedded.AspNetCore.Tests.DocSpace;
using Webhooks.Embedded.AspNetCore.Tests.Vendors;

namespace Webhooks.Embedded.AspNetCore.Tests.Bird;

public sealed class BirdLogRoutesTests : IAsyncLifetime
{
    private static readonly string[] Row =
    [
        "organizationId", "workspaceId", "subscriptionId", "requestId", "attemptCount", "httpStatusCode", "executionStatus", "createdAt", "updatedAt",
    ];

    private VendorHost _host = null!;
    private Webhook _webhook = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await VendorHost.StartAsync();
        _webhook = await _host.CreateAsync("bird");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private string Logs => $"{VendorHost.Bird}/{_webhook.Uid}/logs";

    [Fact]
    public async Task A_request_is_one_row_whatever_its_attempts()
    {
        _host.Receiver.Answer("bird", 429);
        var published = await _host.DeliverAsync();
        await RetryAsync(published, attempts: 2);

        var page = await _host.GetAsync(Logs);
        Assert.Equal(["results"], page.AsObject().Select(member => member.Key));
        var row = Assert.Single(page["results"]!.AsArray())!;
        Assert.Equal(Row, row.AsObject().Select(member => member.Key));
        Assert.Equal((published.ToString(), _webhook.Uid.ToString()), (Text(row, "requestId"), Text(row, "subscriptionId")));
        Assert.Equal((2, 429, "failed"), (Number(row, "attemptCount"), Number(row, "httpStatusCode"), Text(row, "executionStatus")));
        Assert.Equal(VendorHost.Workspace, Text(row, "workspaceId"));
        Assert.All(["createdAt", "updatedAt"], name => Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", Text(row, name)));
        Assert.Equal(published.ToString(), _host.Receiver.Received("bird")[0].Id);

        _host.Receiver.Answer("bird", 200);
        await RetryAsync(published, attempts: 3);
        row = Assert.Single((await _host.GetAsync(Logs))["results"]!.AsArray())!;
        Assert.Equal((3, 200, "succeeded"), (Number(row, "attemptCount"), Number(row, "httpStatusCode"), Text(row, "executionStatus")));
    }

    [Fact]
    public async Task Details_are_the_attempts_the_last_one_first()
    {
        _host.Receiver.Answer("bird", 500);
        var published = await _host.DeliverAsync(json: """{"service":"channels"}""");
        _host.Receiver.Answer("bird", 200);
        await RetryAsync(published, attempts: 2);

        var page = await _host.GetAsync($"{Logs}/details?requestId={published}");
        var rows = page["results"]!.AsArray();
        Assert.Equal([2, 1], rows.Select(row => Number(row!, "attemptCount")));
        Assert.Equal([200, 500], rows.Select(row => Number(row!, "httpStatusCode")));
        Assert.Equal(["succeeded", "failed"], rows.Select(row => Text(row!, "executionStatus")));
        Assert.All(rows, row => Assert.Equal([.. Row, "payloadDetails"], row!.AsObject().Select(member => member.Key)));
        Assert.All(rows, row => Assert.Equal(
            """{"response":"thanks","request":"{\u0022service\u0022:\u0022channels\u0022}"}""", row!["payloadDetails"]!.ToJsonString()));
        Assert.True(string.CompareOrdinal(Text(rows[0]!, "createdAt"), Text(rows[1]!, "createdAt")) >= 0);
        Assert.Equal(page.ToJsonString(), (await _host.GetAsync($"{Organized}/details?requestId={published}")).ToJsonString());
    }

    [Fact]
    public async Task Where_no_answer_came_the_status_is_0_and_the_response_says_why()
    {
        var gone = await _host.CreateAsync("gone", url: "http://127.0.0.1:1/");
        var published = await _host.DeliverAsync();

        var logs = $"{VendorHost.Bird}/{gone.Uid}/logs";
        var row = Assert.Single((await _host.GetAsync(logs))["results"]!.AsArray())!;
        Assert.Equal((0, "failed"), (Number(row, "httpStatusCode"), Text(row, "executionStatus")));
        var details = Assert.Single((await _host.GetAsync($"{logs}/details?requestId={published}"))["results"]!.AsArray())!;
        Assert.NotEmpty(Text(details["payloadDetails"]!, "response"));
    }

    [Fact]
    public async Task What_was_never_attempted_or_is_unknown_is_in_no_list()
    {
        var gate = _host.Receiver.Hang("bird");
        var published = await _host.PublishAsync();
        await DocSpaceHost.UntilAsync(() => Task.FromResult(_host.Receiver.Received("bird").Count == 1));

        Assert.Equal("""{"results":[]}""", (await _host.GetAsync(Logs)).ToJsonString());
        Assert.Equal("""{"results":[]}""", (await _host.GetAsync($"{Logs}/details?requestId={published}")).ToJsonString());
        Assert.Equal("""{"results":[]}""", (await _host.GetAsync($"{Logs}/details?requestId={Guid.NewGuid()}")).ToJsonString());
        gate.SetResult();
    }

    [Fact]
    public async Task Pages_go_to_the_end_in_one_order_whatever_their_size()
    {
        var published = new List<Guid>();
        for (var i = 0; i < 23; i++)
        {
            _host.Receiver.Answer("bird", i % 3 == 0 ? 500 : 200);
            published.Add(await _host.DeliverAsync());
        }

        published.Reverse();
        foreach (var limit in new[] { "", "limit=1", "limit=4", "limit=22", "limit=23", "limit=100" })
        {
            Assert.Equal(published.Select(id => id.ToString()), (await WalkAsync(limit)).Select(row => Text(row, "requestId")));
        }

        var all = await WalkAsync("limit=100");
        Assert.Equal(all.Select(row => Text(row, "createdAt")).OrderDescending(StringComparer.Ordinal), all.Select(row => Text(row, "createdAt")));
        foreach (var status in new[] { "succeeded", "failed" })
        {
            Assert.Equal(
                all.Where(row => Text(row, "executionStatus") == status).Select(row => Text(row, "requestId")),
                (await WalkAsync($"limit=3&executionStatus={status}")).Select(row => Text(row, "requestId")));
        }

        Assert.Equal(10, (await _host.GetAsync(Logs))["results"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_page_goes_on_where_it_was_though_its_last_request_is_new_or_gone()
    {
        for (var i = 0; i < 3; i++)
        {
            await _host.DeliverAsync();
        }

        var first = await _host.GetAsync($"{Logs}?limit=2");
        await _host.DeliverAsync();
        var rest = (await _host.GetAsync($"{Logs}?pageToken={Text(first, "nextPageToken")}"))["results"]!.AsArray();
        Assert.Single(rest);

        // As if retention had taken the row: the time in the token says where it was.
        var gone = Convert.ToBase64String(Encoding.UTF8.GetBytes($"[{rest[0]!["createdAt"]!.GetValue<DateTimeOffset>().ToUnixTimeMilliseconds()},\"{Guid.NewGuid()}\"]"));
        Assert.Equal(Text(rest[0]!, "requestId"), Text((await _host.GetAsync($"{Logs}?pageToken={Uri.EscapeDataString(gone)}"))["results"]![0]!, "requestId"));
    }

    [Fact]
    public async Task A_time_never_rises_down_the_list_whatever_a_token_says()
    {
        await _host.DeliverAsync();
        await _host.DeliverAsync();
        var newest = (await _host.GetAsync($"{Logs}?limit=1"))["results"]![0]!;
        var early = Convert.ToBase64String(Encoding.UTF8.GetBytes($"[1000,\"{Text(newest, "requestId")}\"]"));

        var row = Assert.Single((await _host.GetAsync($"{Logs}?pageToken={Uri.EscapeDataString(early)}"))["results"]!.AsArray())!;
        Assert.Equal("1970-01-01T00:00:01.000Z", Text(row, "createdAt"));
    }

    [Fact]
    public async Task The_workspace_names_the_tenant_and_what_is_anothers_is_not_found()
    {
        await using var host = await VendorHost.StartWithTenantsAsync();
        var theirs = await host.CreateAsync("theirs", tenant: "beta");
        await host.DeliverAsync(tenant: "beta");
        var (alpha, beta) = (("X-Tenants", "alpha"), ("X-Tenants", "alpha,beta"));

        foreach (var (method, path, json) in VendorRoutes.Bird.Where(route => route.Path.Contains("550e", StringComparison.Ordinal)))
        {
            var here = path.Replace(VendorHost.Workspace, "alpha", StringComparison.Ordinal);
            var there = here.Replace("/550e8400-e29b-41d4-a716-446655440000", $"/{theirs.Uid}", StringComparison.Ordinal);
            var (unknown, body) = await host.SendAsync(method, here, json, alpha);
            var (foreign, same) = await host.SendAsync(method, there, json, alpha);
            Assert.Equal((404, 404, body.ToJsonString()), (unknown, foreign, same.ToJsonString()));
            Assert.Equal(403, (await host.SendAsync(method, there.Replace("alpha", "beta", StringComparison.Ordinal), json, alpha)).Status);
        }

        var rows = (await host.GetAsync($"/workspaces/beta/webhook-subscriptions/{theirs.Uid}/logs", beta))["results"]!.AsArray();
        Assert.Equal("beta", Text(Assert.Single(rows)!, "workspaceId"));
        Assert.Empty((await host.GetAsync("/workspaces/alpha/webhook-subscriptions", beta))["results"]!.AsArray());
        Assert.Single((await host.GetAsync("/workspaces/beta/webhook-subscriptions", beta))["results"]!.AsArray());
    }

    private string Organized => $"/organizations/00000000-0000-0000-0000-000000000000{Logs}";

    private async Task RetryAsync(Guid published, int attempts)
    {
        await _host.Deliveries.RetryAsync((await _host.OfAsync(published))[0].Id);
        await _host.UntilAttemptedAsync(published, attempts);
    }

    private async Task<List<JsonNode>> WalkAsync(string query)
    {
        var rows = new List<JsonNode>();
        string? token = null;
        do
        {
            var page = await _host.GetAsync($"{Logs}?{query}{(token is null ? "" : $"&pageToken={Uri.EscapeDataString(token)}")}");
            rows.AddRange(page["results"]!.AsArray().Select(row => row!));
            token = page["nextPageToken"]?.GetValue<string>();
        }
        while (token is not null);

        return rows;
    }

    private static string Text(JsonNode json, string name) => json[name]!.GetValue<string>();

    private static int Number(JsonNode json, string name) => json[name]!.GetValue<int>();
}
