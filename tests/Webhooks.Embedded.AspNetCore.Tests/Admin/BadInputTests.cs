using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Builder;

namespace Webhooks.Embedded.AspNetCore.Tests.Admin;

/// <summary>Each is refused with a problem that names the field, and leaves no row behind.</summary>
public sealed class BadInputTests(BadInputTests.EmptyHost shared) : IClassFixture<BadInputTests.EmptyHost>
{
    private readonly AdminHost _host = shared.Host;

    [Theory, MemberData(nameof(BadInputs.Urls), MemberType = typeof(BadInputs))]
    public Task Refuses_a_bad_url(string number, string value) => RefusesAsync(number, "url", value);

    [Theory]
    [InlineData("https://127.0.0.1/", "forbidden_address", "Egress:AllowLoopback")]
    [InlineData("https://169.254.169.254/", "forbidden_address", "Egress:AllowMetadata")]
    [InlineData("https://10.0.0.1/", "forbidden_address", "Egress:AllowedNetworks")]
    [InlineData("https://intranet/", "forbidden_address", "Egress:AllowedNetworks")]
    [InlineData("https://example.com:22/", "forbidden_port", "Egress:AllowedPorts")]
    [InlineData("http://example.com/", "https_required", "Egress:AllowHttp")]
    public async Task A_url_that_leads_where_webhooks_must_not_go_is_refused_with_what_would_allow_it(string url, string code, string option)
    {
        var problem = await Json.ProblemOfAsync(
            await _host.PostAsync("webhooks", BadInputs.Webhook("url", $"\"{url}\"")), HttpStatusCode.BadRequest, "validation_failed");

        var error = problem.Node!["errors"]!["url"]!.AsArray().Single()!;
        Assert.Equal(code, error["code"]!.GetValue<string>());
        Assert.Contains(option, error["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(BadInputs.Names), MemberType = typeof(BadInputs))]
    public Task Refuses_a_bad_name(string number, string value) => RefusesAsync(number, "name", value);

    [Theory, MemberData(nameof(BadInputs.Triggers), MemberType = typeof(BadInputs))]
    public Task Refuses_bad_triggers(string number, string value) => RefusesAsync(number, "triggers", value);

    [Theory, MemberData(nameof(BadInputs.Secrets), MemberType = typeof(BadInputs))]
    public Task Refuses_a_bad_secret(string number, string value) => RefusesAsync(number, "secret", value);

    [Theory, MemberData(nameof(BadInputs.Headers), MemberType = typeof(BadInputs))]
    public Task Refuses_bad_headers(string number, string value) => RefusesAsync(number, "headers", value);

    [Theory, MemberData(nameof(BadInputs.Paces), MemberType = typeof(BadInputs))]
    public Task Refuses_a_bad_timeout_schedule_or_rate_limit(string number, string field, string value) => RefusesAsync(number, field, value);

    [Fact]
    public async Task Refuses_a_header_that_the_signature_profile_sets() =>
        await NamesAsync(
            await _host.PostAsync("webhooks", """
                {"name":"a","url":"https://example.com/","triggers":["*"],"signatureProfile":"baanx","headers":[{"name":"x-signature","value":"mine"}]}
                """),
            "headers[0].name");

    [Theory, MemberData(nameof(BadInputs.Bodies), MemberType = typeof(BadInputs))]
    public async Task Refuses_a_bad_body(string path, string body, string field) =>
        await NamesAsync(await _host.PostAsync(path, body), field);

    [Theory, MemberData(nameof(BadInputs.Malformed), MemberType = typeof(BadInputs))]
    public async Task Refuses_what_is_not_json(string body)
    {
        foreach (var (method, path, _) in Routes.All.Where(route => route.Body is not null))
        {
            var problem = await Json.ProblemOfAsync(await _host.SendAsync(method, path, body), HttpStatusCode.BadRequest, "malformed_json");
            Assert.NotNull(problem.Node!["errors"]!["body"]);
        }

        await NothingIsStoredAsync();
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFE, (byte)'{', 0, (byte)'}', 0 })]
    [InlineData(new byte[] { (byte)'{', (byte)'"', 0xFF, (byte)'"', (byte)':', (byte)'1', (byte)'}' })]
    [InlineData(new byte[] { 0xEF, 0xBB, 0xBF, (byte)'{', (byte)'}' })]
    [InlineData(new byte[] { 0x1F, 0x8B, 8, 0, 0, 0, 0, 0 })]
    public async Task Refuses_bytes_that_are_not_utf8(byte[] body)
    {
        var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };

        await Json.ProblemOfAsync(await _host.Client.PostAsync("webhooks", content), HttpStatusCode.BadRequest, "malformed_json");
        await NothingIsStoredAsync();
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=b")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/xml")]
    public async Task Refuses_a_body_that_is_not_said_to_be_json(string contentType)
    {
        foreach (var (method, path, body) in Routes.All.Where(route => route.Method != HttpMethod.Get && route.Method != HttpMethod.Delete))
        {
            var request = new HttpRequestMessage(method, path) { Content = new StringContent(body ?? "{}") };
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);

            await Json.ProblemOfAsync(await _host.Client.SendAsync(request), HttpStatusCode.UnsupportedMediaType, "unsupported_media_type");
        }

        await NothingIsStoredAsync();
    }

    [Fact]
    public async Task Refuses_a_payload_that_is_not_utf8()
    {
        byte[] body = [.. "{\"trigger\":\"order.paid\",\"payload\":\""u8, 0xFF, .. "\"}"u8];
        var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };

        await Json.ProblemOfAsync(await _host.Client.PostAsync("events", content), HttpStatusCode.BadRequest, "malformed_json");
        await NothingIsStoredAsync();
    }

    [Fact]
    public async Task Refuses_a_compressed_body()
    {
        var content = new StringContent("{}", Encoding.UTF8, "application/json") { Headers = { ContentEncoding = { "gzip" } } };

        await Json.ProblemOfAsync(
            await _host.Client.PostAsync("webhooks", content), HttpStatusCode.UnsupportedMediaType, "unsupported_media_type");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Refuses_a_body_of_one_byte_too_many(bool chunked)
    {
        async Task<HttpResponseMessage> PostAsync(int size)
        {
            var body = """{"trigger":"order.unknown","payload":"a"}""";
            body = body.Replace("\"a\"", $"\"{new string('a', size - body.Length + 1)}\"", StringComparison.Ordinal);
            Assert.Equal(size, body.Length);
            var content = new StringContent(body, Encoding.UTF8, "application/json");
            var request = new HttpRequestMessage(HttpMethod.Post, "events") { Content = content };
            request.Headers.TransferEncodingChunked = chunked;
            return await _host.Client.SendAsync(request);
        }

        await NamesAsync(await PostAsync(256 * 1024), "trigger");
        await Json.ProblemOfAsync(await PostAsync((256 * 1024) + 1), HttpStatusCode.RequestEntityTooLarge, "body_too_large");
    }

    [Theory, MemberData(nameof(BadInputs.Queries), MemberType = typeof(BadInputs))]
    public async Task Refuses_a_bad_query(string path, string field) => await NamesAsync(await _host.GetAsync(path), field);

    [Theory, MemberData(nameof(BadInputs.Ids), MemberType = typeof(BadInputs))]
    public async Task Does_not_find_a_bad_id(string id)
    {
        var withIds = Routes.All.Where(route => Routes.Pattern(route.Path).Contains("{id}", StringComparison.Ordinal));
        foreach (var (method, path, body) in withIds)
        {
            var response = await _host.SendAsync(method, Routes.Pattern(path).Replace("{id}", id, StringComparison.Ordinal), body);
            var problem = await Json.OfAsync(response, 404, "application/problem+json");
            Assert.Contains(problem.Text("code"), new[] { "not_found", "no_route" });
        }
    }

    [Fact]
    public async Task Refuses_every_column_that_is_no_member()
    {
        var tried = 0;
        tried += await RefusesColumnsAsync(
            HttpMethod.Post, "webhooks", ["webhook_webhooks", "webhook_secrets"],
            ["tenant", "name", "url", "triggers", "target", "filters", "signatureProfile", "metadata", "enabled", "verifyTls", "secret"]);
        tried += await RefusesColumnsAsync(
            HttpMethod.Patch, "webhooks/1", ["webhook_webhooks", "webhook_secrets"],
            ["name", "url", "triggers", "target", "filters", "signatureProfile", "metadata", "verifyTls"]);
        tried += await RefusesColumnsAsync(
            HttpMethod.Post, "events", ["webhook_events"], ["tenant", "target", "idempotencyKey", "payload"]);
        tried += await RefusesColumnsAsync(HttpMethod.Post, "deliveries/retry", ["webhook_deliveries", "webhook_queue", "webhook_attempts"], []);

        Assert.True(tried > 60, $"{tried} columns were tried.");
    }

    [Theory, MemberData(nameof(BadInputs.Limits), MemberType = typeof(BadInputs))]
    public async Task Takes_as_much_as_the_limit_and_not_one_more(string limit, string field, string path, string atLimit, string beyond)
    {
        await using var host = await AdminHost.StartAsync(configure: options => options.MaxPayloadBytes = 1024);

        var refused = await host.PostAsync(path, beyond);
        var taken = await host.PostAsync(path, atLimit);

        var problem = await Json.ProblemOfAsync(refused, HttpStatusCode.BadRequest, field == "body" ? "malformed_json" : "validation_failed");
        Assert.NotNull(problem.Node!["errors"]![field]);
        Assert.True((int)taken.StatusCode is 200 or 201 or 202, $"{limit}: {await taken.Content.ReadAsStringAsync()}");
    }

    [Fact]
    public async Task Lists_no_more_than_200_on_a_page()
    {
        foreach (var list in new[] { "webhooks", "events", "deliveries" })
        {
            await Json.OfAsync(await _host.GetAsync($"{list}?limit=200"));
            await NamesAsync(await _host.GetAsync($"{list}?limit=201"), "limit");
        }
    }

    [Fact]
    public async Task Takes_the_same_trigger_and_the_same_name_twice()
    {
        await using var host = await AdminHost.StartAsync();

        var first = await Json.OfAsync(await host.PostAsync("webhooks", BadInputs.Webhook("triggers", "[\"order.paid\",\"order.paid\"]")), 201);
        var second = await Json.OfAsync(await host.PostAsync("webhooks", BadInputs.Webhook("triggers", "[\"order.paid\"]")), 201);

        Assert.Equal("""["order.paid"]""", first.Node!["triggers"]!.ToJsonString());
        Assert.Equal(first.Text("name"), second.Text("name"));
        Assert.NotEqual(first.Number("id"), second.Number("id"));
    }

    [Fact]
    public async Task Lists_every_fault_at_once()
    {
        var unknown = await _host.PostAsync("webhooks", """{"isAdmin":true,"url":1,"tenantId":"x","name":"a","name":"b"}""");
        var bad = await _host.PostAsync("webhooks", """{"name":"","url":"ftp://example.com","triggers":[]}""");

        var problem = await Json.ProblemOfAsync(unknown, HttpStatusCode.BadRequest, "validation_failed");
        Assert.Equal(["isAdmin", "tenantId", "name"], problem.Node!["errors"]!.AsObject().Select(member => member.Key));
        problem = await Json.ProblemOfAsync(bad, HttpStatusCode.BadRequest, "validation_failed");
        Assert.Equal(
            ["name", "triggers", "url"], problem.Node!["errors"]!.AsObject().Select(member => member.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Repeats_no_more_than_the_start_of_a_long_unknown_name()
    {
        var response = await _host.PostAsync("webhooks", $$"""{"{{new string('n', 100_000)}}":1}""");

        Assert.True((await response.Content.ReadAsStringAsync()).Length < 1000);
        await NamesAsync(response, new string('n', 64) + "…");
    }

    [Fact]
    public async Task Takes_what_only_looks_bad_and_keeps_it_as_it_is()
    {
        await using var host = await AdminHost.StartAsync();
        (string Field, string Value)[] settings =
        [
            ("name", "\"<script>alert(1)</script>\""), ("name", "\"'; DROP TABLE x;--\""), ("name", "\"{{7*7}}\""),
            ("name", "\"=cmd|' /C calc'!A0\""),
            ("name", "\"Bestellungen \\u00fcber 100 \\u20ac \\ud83d\\ude80\""), ("url", "\"https://xn--bcher-kva.example/in\""),
            ("url", "\"https://example.com/a%2Fb?q=%2F&r=1\""), ("url", "\"https://[2606:4700::1111]/in\""),

            // Whatever these lead to, the connection finds out.
            ("url", "\"https://127.0.0.1.nip.io/\""), ("url", "\"https://localtest.me/\""),
        ];

        foreach (var (field, value) in settings)
        {
            var created = await Json.OfAsync(await host.PostAsync("webhooks", BadInputs.Webhook(field, value)), 201);
            Assert.Equal(System.Text.Json.Nodes.JsonNode.Parse(value)!.GetValue<string>(), created.Text(field));
        }
    }

    private async Task RefusesAsync(string number, string field, string value)
    {
        Assert.NotEmpty(number);
        await NamesAsync(await _host.PostAsync("webhooks", BadInputs.Webhook(field, value)), field);
    }

    private async Task NamesAsync(HttpResponseMessage response, string field)
    {
        var problem = await Json.ProblemOfAsync(response, HttpStatusCode.BadRequest, "validation_failed");
        var errors = problem.Node!["errors"]!.AsObject();
        Assert.True(
            errors.Any(error => error.Key == field || error.Key.StartsWith($"{field}[", StringComparison.Ordinal)),
            $"No error names {field}: {errors}");
        Assert.All(errors, error => Assert.All(error.Value!.AsArray(), fault =>
        {
            Assert.Matches("^[a-z_]+$", fault!["code"]!.GetValue<string>());
            Assert.NotEmpty(fault["message"]!.GetValue<string>());
        }));
        await NothingIsStoredAsync();
    }

    private async Task<int> RefusesColumnsAsync(HttpMethod method, string path, string[] tables, string[] members)
    {
        var columns = await _host.ColumnsAsync(tables);
        Assert.NotEmpty(columns);
        string[] names =
        [
            .. columns.Concat(columns.Select(Camel)).Distinct(StringComparer.Ordinal).Except(members, StringComparer.Ordinal),
        ];
        foreach (var name in names)
        {
            await NamesAsync(await _host.SendAsync(method, path, $$"""{"{{name}}":1}"""), name);
        }

        return names.Length;
    }

    private static string Camel(string column) =>
        System.Text.RegularExpressions.Regex.Replace(column, "_([a-z])", match => match.Groups[1].Value.ToUpperInvariant());

    private async Task NothingIsStoredAsync()
    {
        var rows = await _host.CountRowsAsync();

        // Counted from one input to the next, so that only the one that left a row fails.
        var before = shared.Rows;
        shared.Rows = rows;
        Assert.Equal(before, rows);
    }

    public sealed class EmptyHost : IAsyncLifetime
    {
        internal AdminHost Host { get; private set; } = null!;

        internal string Rows { get; set; } = "";

        public async ValueTask InitializeAsync()
        {
            Host = await AdminHost.StartAsync(
                TestUser.Add,
                app => app.MapWebhookAdmin("/webhooks", options => options.RevealPolicy = "Admin").RequireAuthorization("Admin"),
                configure: options => options.MaxPayloadBytes = 1024);
            Host.Client.DefaultRequestHeaders.Add(TestUser.Admin.Name, TestUser.Admin.Value);
            Rows = await Host.CountRowsAsync();
        }

        public ValueTask DisposeAsync() => Host.DisposeAsync();
    }
}
