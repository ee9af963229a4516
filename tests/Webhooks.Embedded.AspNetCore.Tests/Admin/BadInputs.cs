using System.Globalization;

namespace Webhooks.Embedded.AspNetCore.Tests.Admin;

/// <summary>What must be refused, as it stands in JSON, routes and queries.</summary>
public static class BadInputs
{
    public static TheoryData<string, string> Urls => Values(
        "\"\"", "\" \"", "null", "\"h\"", "\"example.com\"", "\"//127.0.0.1/\"", "\"/etc/passwd\"", @"""\\\\server\\share""", "\"http:127.0.0.1\"", "\"http:///127.0.0.1\"",
        "\"https://\"", "\"javascript:alert(1)\"", "\"data:text/html,x\"", "\"file:///etc/passwd\"", "\"ftp://h/\"", "\"gopher://127.0.0.1:6379/_x\"", "\"ws://h/\"",
        "\"ldap://h\"", "\"unix:/var/run/docker.sock\"", "\"https://user:pw@example.com\"", "\"https://good.com@127.0.0.1\"", "\"https://good.com\\\\@127.0.0.1\"",
        "\"https://ex.com:0\"", "\"https://ex.com:99999\"", "\"https://ex.com:-1\"", "\"http://exa mple.com\"", "\"http://exam\\tple.com\"", "\"http://ex\\u0000.com\"",
        "\"http://a..b\"", $"\"http://{new string('a', 64)}.com\"", $"\"https://example.com/{new string('a', 2029)}\"",
        "\"https://ex.com/#frag\"", "\"http://[::1\"", "\" https://example.com\"", "\"https://example.com \"",
        "\"http://\u2460\u2461\u2466.\u24ea.\u24ea.\u2460\"", "\"http://127\u30020\u30020\u30021\"", "\"https://example.com\uff0fevil\"", "\"https://b\u00fccher.example\"",
        "\"https://example.com/\u00e9\"", "\"https://example.com/a b\"", "\"https://example.com\\r\\nHost: evil\"", "\"https://example.com/\\u0000\"", "\"https://exa\\u202emple.com\"",
        "\"https://:443/\"", "\"https://@example.com\"", "\"https://example.com:443:443\"", "\"https://example.com:+443\"", "\"https://[::1]:-1/\"", "\"https://[12345::]\"",
        "\"https://-\\u0000\"", $"\"https://{string.Concat(Enumerable.Repeat("a.", 130))}com\"", "\"https://exa_mple!.com\"", "\"https://%65xample%00.com\"", "\"HTTPS:/example.com\"",
        "\"https:\\\\\\\\example.com\"", "\"blob:https://example.com/1\"", "\"mailto:a@example.com\"", "\"about:blank\"", "\"tel:+1\"", "\"h\\u0074tp//x\"",

        // Where webhooks must not lead, by https, so that nothing else is wrong with them; and by http, which is wrong by itself.
        "\"https://localhost\"", "\"https://localhost.\"", "\"https://LOCALHOST\"", "\"https://foo.localhost\"", "\"https://127.0.0.1\"", "\"https://127.1\"",
        "\"https://127.0.1\"", "\"https://2130706433\"", "\"https://0x7f000001\"", "\"https://0x7f.1\"", "\"https://0177.0.0.1\"", "\"https://017700000001\"",
        "\"https://0/\"", "\"https://127.0.0.1.\"", "\"https://[::1]\"", "\"https://[::]\"", "\"https://[::ffff:127.0.0.1]\"", "\"https://[::ffff:7f00:1]\"",
        "\"https://[::127.0.0.1]\"", "\"https://[64:ff9b::7f00:1]\"", "\"https://[64:ff9b:1::1]\"", "\"https://[2002:7f00:1::]\"",
        "\"https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]\"", "\"https://[fe80::1%25eth0]\"", "\"https://[fd00:ec2::254]\"", "\"https://[fec0::1]\"",
        "\"https://[ff02::1]\"", "\"https://169.254.169.254/latest\"", "\"https://0xa9fea9fe\"", "\"https://169.254.43518\"", "\"https://168.63.129.16\"",
        "\"https://100.100.100.200\"", "\"https://metadata.google.internal\"", "\"https://intranet\"", "\"https://printer.local\"", "\"https://10.0.0.1\"",
        "\"https://172.16.0.1\"", "\"https://192.168.1.1\"", "\"https://[fd12::1]\"", "\"https://256.256.256.256\"", "\"https://1.1.1.1.1\"",
        "\"https://ex.com:22\"", "\"https://ex.com:6667\"", "\"https://ex.com:10080\"",
        "\"http://127.0.0.1\"", "\"http://example.com\"",
        "12", "{}", "[]", "true");

    public static TheoryData<string, string> Names => Values(
        "\"\"", "\"   \"", $"\"{new string('n', 256)}\"", "\"\\u0000\"", "\"\\u202eevil\"", "\"\\ud800\"", $"\"{string.Concat(Enumerable.Repeat("a\\u0300", 500))}\"", "12", "null",
        "\"\\udc00\"", "\"a\\nb\"", "\"\\u001b[31mred\"", "\"\\u2066evil\"", "\"\\u00a0\"", "{}", "[]", "true", "\"a\\u0000b\"", $"\"{new string('n', 100_000)}\"");

    public static TheoryData<string, string> Triggers => Values(
        "[\"\"]", "[\" \"]", "[\"..\"]", "[\".a\"]", "[\"a.\"]", "[\"a..b\"]", "[\"a b\"]", "[\"a\\nb\"]", "[\"\\u00e4\"]", "[\"a.*.*.b\"]", "[\"order.*.x\"]", "[\"*.paid\"]", "[\"**\"]", "[\"order*\"]", "[\".*\"]", "[\"*.*\"]", "[\"order.paid,user.created\"]", "[\"order.paid \"]", "[\"constructor\"]", "[\"'; DROP TABLE x;--\"]", "[\"order.\\u0000\"]",
        "[\"nobody.*\"]", "12", "[\"*\",\"order.unknown\"]", "[true]", "[{}]",
        $"[\"{new string('t', 129)}\"]", "[\"order.unknown\"]", "[\"ORDER.PAID\"]", "[\"__proto__\"]", "[]", "null", "[null]", "[12]", "[[\"order.paid\"]]", "\"order.paid\"", "{}",
        $"[{string.Join(',', Enumerable.Repeat("\"order.paid\"", 101))}]");

    public static TheoryData<string, string> Secrets => Values(
        "\"\"", "\"whsec_\"", "\"abc\"", $"\"whsec_{Convert.ToBase64String(new byte[23])}\"", $"\"whsec_{Convert.ToBase64String(new byte[65])}\"", "\"whsec_!!!\"",
        $"\"whsec_{new string('-', 43)}_\"", $"\"whsec_{Convert.ToBase64String(new byte[32])}\"", "\"whsk_MC4CAQAwBQYDK2VwBCIEIJ\"", "\"whpk_MC4CAQAwBQYDK2VwBCIEIJ\"",
        "\"whsec_ \"", "\"        \"", "\"tab\\tinside-it\"", "\"\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\"", "\"1234567\"", $"\"{new string('s', 257)}\"", "\" with spaces around \"", "\"new\\nline-inside\"", "\"with\\u0000nul-inside\"", "\"\\ud83d\\ude00\\ud83d\\ude00\\ud83d\\ude00\"",
        $"\"{new string('s', 10_240)}\"", "123", "{}", "[]", "true");

    /// <summary>H1 to H30: the names and values of reliability, each as a list of headers.</summary>
    public static TheoryData<string, string> Headers
    {
        get
        {
            static string Header(string name, string value) => $$"""{"name":"{{name}}","value":{{value}}}""";
            static string Named(string name) => $"[{Header(name, "\"v\"")}]";
            static string Valued(string value) => $"[{Header("X-A", $"\"{value}\"")}]";
            static string Many(int count, int length) =>
                $"[{string.Join(',', Enumerable.Range(0, count).Select(number => Header($"X-{number}", $"\"{new string('v', length)}\"")))}]";

            return Values(
                Named("X A"), Named("X:"), Named(""), Named("X\\r\\nY"), Valued("v\\r\\nX-Evil: 1"), Valued("v\\nX: 1"), Valued("v\\rX"), Valued("a\\u0000b"),
                Valued("\u00e9"), Valued("\u65e5\u672c"), Valued(new string('v', 1025)), Named(new string('X', 65)), Many(21, 1), Many(9, 1000),
                Named("Host"), Named("Content-Length"), Named("Content-Type"), Named("Transfer-Encoding"), Named("Connection"), Named("Expect"), Named("Upgrade"), Named("Cookie"),
                Named("WEBHOOK-Signature"), Named("webhook-id"), Named("traceparent"), Named("baggage"), Named("Metadata-Flavor"), Named("X-Forwarded-For"),
                $"[{Header("X-A", "\"1\"")},{Header("x-a", "\"2\"")}]", $"[{Header("X-A", "null")}]", $"[{Header("X-A", "1")}]", $"[{Header("X-A", "[]")}]",

                // And more of the kind.
                Valued(""), Valued(" v"), Valued("v "), Valued("a\\tb"), Valued("\\u007f"), Named("X\\u00a0A"), Named("host"), Named("CONTENT-ENCODING"), Named("proxy-authorization"),
                Named("te"), Named("Trailer"), Named("Set-Cookie"), Named("Date"), Named("user-agent"), Named("tracestate"), Named("Forwarded"), Named("Metadata"),
                Named("x-aws-ec2-metadata-token"), Named("X-aws-ec2-metadata-token-ttl-seconds"), Named("webhook-trigger"), Named("keep-alive"),
                Named("Transfer_Encoding"), Named("webhook_id"), Named("x-http-method-override"), Named("X-Rewrite-URL"), Named("X-Google-Metadata-Request"),
                "null", "{}", "[null]", "[1]", "[{}]", "\"X-A: v\"", """[{"name":"X-A","value":"v","sensitive":true}]""", """[{"name":null,"value":"v"}]""", """[{"value":"v"}]""");
        }
    }

    public static TheoryData<string, string, string> Paces => new()
    {
        { "1", "timeoutSeconds", "0" }, { "2", "timeoutSeconds", "0.099" }, { "3", "timeoutSeconds", "300.001" }, { "4", "timeoutSeconds", "-1" },
        { "5", "timeoutSeconds", "1e300" }, { "6", "timeoutSeconds", "\"15\"" }, { "7", "timeoutSeconds", "true" }, { "8", "timeoutSeconds", "{}" },
        { "9", "retryDelaysSeconds", "[-1]" }, { "10", "retryDelaysSeconds", "[2592000.001]" }, { "11", "retryDelaysSeconds", "[1e300]" },
        { "12", "retryDelaysSeconds", "5" }, { "13", "retryDelaysSeconds", "[\"5\"]" }, { "14", "retryDelaysSeconds", "[null]" },
        { "15", "retryDelaysSeconds", $"[{string.Join(',', Enumerable.Repeat("1", 101))}]" }, { "16", "retryDelaysSeconds", "{}" },
        { "17", "rateLimit", "0" }, { "18", "rateLimit", "-1" }, { "19", "rateLimit", "10001" }, { "20", "rateLimit", "1.5" }, { "21", "rateLimit", "\"10\"" },
        { "22", "rateLimit", "9223372036854775807" }, { "23", "rateLimit", "[]" },
    };

    public static TheoryData<string, string> Queries
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var list in new[] { "webhooks", "events", "deliveries" })
            {
                foreach (var limit in new[] { "0", "-1", "201", "2147483648", "1e3", "abc", "", "10&limit=20", "%2010", "1.5", "0x10", "\u0661" })
                {
                    data.Add($"{list}?limit={limit}", "limit");
                }

                foreach (var sort in new[] { "sort=id;drop", "sort=password", "order=asc", "page=2", "Statuss=failed" })
                {
                    data.Add($"{list}?{sort}", sort.Split('=')[0]);
                }

                foreach (var cursor in new[] { "garbage", "", "%00", "-1.x", "-1", "1.5", "1e3", "9223372036854775808", "1&cursor=2", "%2010", "0x10", "\u0661", "null", new string('c', 4096), "'; DROP TABLE webhook_events;--" })
                {
                    data.Add($"{list}?cursor={cursor}", "cursor");
                }
            }

            var times = new[]
            {
                "yesterday", "2024-02-30T00:00:00Z", "2024-13-01T00:00:00Z", "0000-00-00T00:00:00Z", "9999-12-31T23:59:60Z", "2024-01-01T00:00:00", "2024-01-01",
                "2024-01-01T00:00:00%2B99:00", "1e18", "-62135596801", "10000-01-01T00:00:00Z", "2024-01-01T00:00:00%2B00", "now()", "", "2024-01-01T00:00:00+00:00",
            };
            foreach (var (list, parameter) in new[] { ("events", "publishedFrom"), ("events", "publishedTo"), ("deliveries", "createdFrom"), ("deliveries", "createdTo"), ("deliveries", "attemptedFrom"), ("deliveries", "attemptedTo") })
            {
                foreach (var time in times)
                {
                    data.Add($"{list}?{parameter}={time}", parameter);
                }
            }

            data.Add("events?publishedFrom=2024-01-02T00:00:00Z&publishedTo=2024-01-01T00:00:00Z", "publishedFrom");
            data.Add("deliveries?createdFrom=2024-01-02T00:00:00Z&createdTo=2024-01-01T00:00:00Z", "createdFrom");
            data.Add("deliveries?attemptedFrom=2024-01-02T00:00:00Z&attemptedTo=2024-01-01T00:00:00Z", "attemptedFrom");
            foreach (var (parameter, values) in new[]
            {
                ("status", new[] { "sent", "", "1", "Pending", "pending,retrying", "pending&status=sent" }),
                ("answer", ["sent", "", "4", "500", "Success"]),
                ("event", ["1", "", "garbage", new string('g', 36), "01890a5d-ac96-774b-bcce-b302099a8057%20", "%7B01890a5d-ac96-774b-bcce-b302099a8057%7D"]),
                ("webhook", ["", "abc", "-1", "1.0", "1 OR 1=1", "9223372036854775808", "1&webhook=2"]),
                ("trigger", [""]),
                ("statusCode", ["", "abc", "0", "99", "1000", "-1", "4xx", "200.0", "2147483648", "200&statusCode=500"]),
                ("outcome", ["", "sent", "2", "Delivered", "delivered,dns", "delivered&outcome=sent"]),
                ("attemptsFrom", ["", "-1", "abc", "1.5", "1000001", "2147483648", "3&attemptsTo=2"]),
                ("attemptsTo", ["", "-1", "abc", "1000001"]),
            })
            {
                foreach (var value in values)
                {
                    data.Add($"deliveries?{parameter}={value}", parameter);
                }
            }

            foreach (var value in new[] { "", "1", "yes", "True", "true&enabled=false" })
            {
                data.Add($"webhooks?enabled={value}", "enabled");
            }

            return data;
        }
    }

    /// <summary>What is taken at a limit, and refused one beyond it.</summary>
    public static TheoryData<string, string, string, string, string> Limits
    {
        get
        {
            static string Text(int length) => $"\"{new string('a', length)}\"";
            static string Nested(int levels) => $$"""{"trigger":"order.paid","payload":{{new string('[', levels - 1)}}{{new string(']', levels - 1)}}}""";
            static string Payload(int bytes) => $$"""{"trigger":"order.paid","payload":"{{new string('p', bytes - 2)}}"}""";
            static string Url(int length) => $"\"https://example.com/{new string('a', length - 20)}\"";
            static string Triggers(int count) => $"[{string.Join(',', Enumerable.Repeat("\"order.paid\"", count))}]";
            static string Ids(int count) => $$"""{"ids":[{{string.Join(',', Enumerable.Range(1, count))}}]}""";
            static string Headers(int count, int length) =>
                $"[{string.Join(',', Enumerable.Range(0, count).Select(number => $$"""{"name":"{{(char)('A' + number)}}-A","value":"{{new string('v', length)}}"}"""))}]";
            static string Delays(int count) => $"[{string.Join(',', Enumerable.Repeat("0", count))}]";
            static string Secret(int bytes) => $"\"whsec_{Convert.ToBase64String(Enumerable.Repeat((byte)7, bytes).ToArray())}\"";

            return new()
            {
                { "characters of a name", "name", "webhooks", Webhook("name", Text(255)), Webhook("name", Text(256)) },
                { "characters of a URL", "url", "webhooks", Webhook("url", Url(2048)), Webhook("url", Url(2049)) },
                { "triggers", "triggers", "webhooks", Webhook("triggers", Triggers(100)), Webhook("triggers", Triggers(101)) },
                { "characters of a target", "target", "webhooks", Webhook("target", Text(255)), Webhook("target", Text(256)) },
                { "characters of a tenant", "tenant", "webhooks", Webhook("tenant", Text(100)), Webhook("tenant", Text(101)) },
                { "bytes of a secret", "secret", "webhooks", Webhook("secret", Secret(64)), Webhook("secret", Secret(65)) },
                { "least bytes of a secret", "secret", "webhooks", Webhook("secret", Secret(24)), Webhook("secret", Secret(23)) },
                { "characters of a secret", "secret", "webhooks", Webhook("secret", Text(256)), Webhook("secret", Text(257)) },
                { "headers", "headers", "webhooks", Webhook("headers", Headers(20, 1)), Webhook("headers", Headers(21, 1)) },
                { "characters of a header's value", "headers[0].value", "webhooks", Webhook("headers", Headers(1, 1024)), Webhook("headers", Headers(1, 1025)) },
                { "characters of all headers", "headers", "webhooks", Webhook("headers", Headers(8, 1021)), Webhook("headers", Headers(8, 1022)) },
                { "seconds of a timeout", "timeoutSeconds", "webhooks", Webhook("timeoutSeconds", "300"), Webhook("timeoutSeconds", "300.1") },
                { "least seconds of a timeout", "timeoutSeconds", "webhooks", Webhook("timeoutSeconds", "0.1"), Webhook("timeoutSeconds", "0.09") },
                { "seconds of a delay", "retryDelaysSeconds", "webhooks", Webhook("retryDelaysSeconds", "[2592000]"), Webhook("retryDelaysSeconds", "[2592001]") },
                { "delays", "retryDelaysSeconds", "webhooks", Webhook("retryDelaysSeconds", Delays(100)), Webhook("retryDelaysSeconds", Delays(101)) },
                { "attempts a second", "rateLimit", "webhooks", Webhook("rateLimit", "10000"), Webhook("rateLimit", "10001") },
                { "ids in a batch", "ids", "deliveries/retry", Ids(1000), Ids(1001) },
                { "levels of JSON", "body", "events", Nested(32), Nested(33) },
                { "bytes of a payload", "payload", "events", Payload(1024), Payload(1025) },
            };
        }
    }

    public static TheoryData<string> Ids =>
    [
        "0", "-1", "abc", "1 OR 1=1", "%2e%2e", "%2E%2E%2F1", "00000000-0000-0000-0000-000000000000", new string('g', 36), "01890a5d-ac96-774b-bcce-b302099a8057%20",
        "%2001890a5d-ac96-774b-bcce-b302099a8057", "{01890a5d-ac96-774b-bcce-b302099a8057}", "9223372036854775807", "9223372036854775808", new string('9', 1024), "1e3", "+1", "1.0", "0x1", "%F0%9F%98%80",
        "\u0661", "77", "'; DROP TABLE webhook_webhooks;--",
    ];

    public static TheoryData<string, string, string> Bodies => new()
    {
        { "webhooks", """{"isAdmin":true}""", "isAdmin" },
        { "webhooks", """{"tenantId":"acme"}""", "tenantId" },
        { "webhooks", """{"id":7}""", "id" },
        { "webhooks", """{"uid":"01890a5d-ac96-774b-bcce-b302099a8057"}""", "uid" },
        { "webhooks", """{"state":"enabled"}""", "state" },
        { "webhooks", """{"failureCount":0}""", "failureCount" },
        { "webhooks", """{"createdBy":"root"}""", "createdBy" },
        { "webhooks", """{"disabledReason":"x"}""", "disabledReason" },
        { "webhooks", """{"lastSuccessAt":null}""", "lastSuccessAt" },
        { "webhooks", """{"$type":"System.Object"}""", "$type" },
        { "webhooks", """{"Url":"https://example.com/"}""", "Url" },
        { "webhooks", """{"url":"https://example.com/","url":"https://evil.example.com/"}""", "url" },
        { "webhooks", """{"enabled":"true"}""", "enabled" },
        { "webhooks", """{"enabled":1}""", "enabled" },
        { "webhooks", """{"enabled":null}""", "enabled" },
        { "webhooks", """{"verifyTls":null}""", "verifyTls" },
        { "webhooks", """{"tenant":null}""", "tenant" },
        { "webhooks", """{"target":{}}""", "target" },
        { "webhooks", """{"filters":{}}""", "filters" },
        { "webhooks", """{"filters":[null]}""", "filters" },
        { "webhooks", """{"filters":[1]}""", "filters" },
        { "webhooks", """{"filters":[{"path":1,"value":"x"}]}""", "filters" },
        { "webhooks", """{"filters":[{"path":"a","value":true}]}""", "filters" },
        { "webhooks", """{"filters":[{"path":"a","value":null}]}""", "filters" },
        { "webhooks", """{"filters":[{"path":"a","value":"x","op":"eq"}]}""", "filters" },
        { "webhooks", """{"filters":null}""", "filters" },
        { "webhooks", """{"signatureProfile":7}""", "signatureProfile" },
        { "webhooks", """{"metadata":[]}""", "metadata" },
        { "webhooks", """{"metadata":"{}"}""", "metadata" },
        { "webhooks", """{"metadata":true}""", "metadata" },
        { "webhooks", """{"version":1}""", "version" },
        { "webhooks", """{"secretHint":"ours"}""", "secretHint" },
        { "webhooks", "[]", "body" },
        { "webhooks", "\"x\"", "body" },
        { "webhooks", "null", "body" },
        { "webhooks", "12", "body" },
        { "events", """{"payload":{}}""", "trigger" },
        { "events", """{"trigger":"order.unknown","payload":{}}""", "trigger" },
        { "events", """{"trigger":"*","payload":{}}""", "trigger" },
        { "events", """{"trigger":null,"payload":{}}""", "trigger" },
        { "events", """{"trigger":"order.paid"}""", "payload" },
        { "events", """{"trigger":"order.paid","payload":1,"payload":2}""", "payload" },
        { "events", """{"trigger":"order.paid","payload":1,"id":"x"}""", "id" },
        { "events", $$"""{"trigger":"order.paid","payload":1,"tenant":"{{new string('t', 101)}}"}""", "tenant" },
        { "events", $$"""{"trigger":"order.paid","payload":1,"target":"{{new string('t', 256)}}"}""", "target" },
        { "events", $$"""{"trigger":"order.paid","payload":1,"idempotencyKey":"{{new string('k', 256)}}"}""", "idempotencyKey" },
        { "events", """{"trigger":"order.paid","payload":1,"tenant":7}""", "tenant" },
        { "webhooks/1/test", """{"trigger":7}""", "trigger" },
        { "webhooks/1/test", """{"payload":{}}""", "payload" },
        { "webhooks/1/test", "[]", "body" },
        { "events/01890a5d-ac96-774b-bcce-b302099a8057/send", """{"webhooks":[1]}""", "webhooks" },
        { "events/01890a5d-ac96-774b-bcce-b302099a8057/send", """{"webhook":true}""", "webhook" },
        { "events/01890a5d-ac96-774b-bcce-b302099a8057/send", """{"webhook":1,"webhook":2}""", "webhook" },
        { "events/01890a5d-ac96-774b-bcce-b302099a8057/send", "7", "body" },
        { "deliveries/retry", "{}", "ids" },
        { "deliveries/retry", """{"ids":null}""", "ids" },
        { "deliveries/retry", """{"ids":[]}""", "ids" },
        { "deliveries/retry", """{"ids":[1,"2"]}""", "ids[1]" },
        { "deliveries/retry", """{"ids":[1,[2]]}""", "ids[1]" },
        { "deliveries/retry", """{"ids":[1,null]}""", "ids[1]" },
        { "deliveries/retry", """{"ids":[1.5]}""", "ids[0]" },
        { "deliveries/retry", """{"ids":[9223372036854775808]}""", "ids[0]" },
        { "deliveries/retry", """{"ids":1}""", "ids" },
        { "deliveries/retry", """{"ids":"1,2"}""", "ids" },
        { "deliveries/retry", """{"ids":{}}""", "ids" },
        { "deliveries/retry", """{"ids":[true]}""", "ids[0]" },
        { "deliveries/retry", """{"ids":[1,{"id":2}]}""", "ids[1]" },
        { "deliveries/retry", """{"filter":{}}""", "filter" },
        { "webhooks/1/enable", """{"sendParked":"yes"}""", "sendParked" },
        { "webhooks/1/disable", """{"reason":7}""", "reason" },
        { "webhooks/1/disable", $$"""{"reason":"{{new string('r', 1001)}}"}""", "reason" },
        { "webhooks/1/rotate-secret", """{"overlapSeconds":-1}""", "overlapSeconds" },
        { "webhooks/1/rotate-secret", """{"overlapSeconds":604801}""", "overlapSeconds" },
        { "webhooks/1/rotate-secret", """{"overlapSeconds":9223372036854775807}""", "overlapSeconds" },
        { "webhooks/1/rotate-secret", """{"overlapSeconds":1.5}""", "overlapSeconds" },
        { "webhooks/1/rotate-secret", """{"overlapSeconds":"1 day"}""", "overlapSeconds" },
        { "webhooks/1/rotate-secret", """{"overlap":1}""", "overlap" },
    };

    public static TheoryData<string> Malformed =>
    [
        "", " ", "{", "}", "{\"name\":\"a\",}", "{/* c */}", "// c\n{}", "{} {}", "{'name':'a'}", "{name:1}", "{\"name\":}", "{\"triggers\":[1,}", "NaN", "\u0000",
        "{\"a\":" + new string('[', 1000) + new string(']', 1000) + "}",
        "{\"name\":" + string.Concat(Enumerable.Repeat("{\"a\":", 1000)) + "1" + new string('}', 1001),
    ];

    /// <summary>A webhook as it is posted, with one member of choice.</summary>
    internal static string Webhook(string name, string value)
    {
        var members = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["name"] = "\"Orders\"",
            ["url"] = "\"https://example.com/in\"",
            ["triggers"] = "[\"*\"]",
            [name] = value,
        };
        return $"{{{string.Join(',', members.Select(member => $"\"{member.Key}\":{member.Value}"))}}}";
    }

    // Numbered, because some values cannot stand in a test's name.
    private static TheoryData<string, string> Values(params string[] values)
    {
        var data = new TheoryData<string, string>();
        for (var i = 0; i < values.Length; i++)
        {
            data.Add((i + 1).ToString(CultureInfo.InvariantCulture), values[i]);
        }

        return data;
    }
}
