using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Webhooks.Embedded.EndToEndTests;

/// <summary>Headers of a webhook's own as they come out of the socket.</summary>
public sealed class When_a_webhook_has_headers
{
    [Fact]
    public async Task One_block_of_headers_comes_with_each_line_as_it_was_given_and_no_other()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var app = await WebhooksApp.StartAsync();
        WebhookHeader[] headers =
        [
            new("X-Api-Key", "k e y: \"quoted\"; a=b, c"), new("Authorization", "Bearer abc.def"), new("Accept", "text/nothing"), new("x-lower_case.name~", "%0d%0aX-Evil: 1"),
        ];
        await app.Registry.CreateAsync(
            new WebhookSettings
            {
                Name = "raw",
                Url = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/",
                Triggers = ["*"],
                SignatureProfile = "bird",
                Headers = headers,
            },
            TestContext.Current.CancellationToken);

        var published = await app.PublishAsync();
        var request = await AnswerAsync(listener);

        Assert.Equal(2, request.Split("\r\n\r\n").Length);
        var lines = request.Split("\r\n\r\n")[0].Split("\r\n")[1..];
        Assert.All(headers, header => Assert.Single(lines, line => line == $"{header.Name}: {header.Value}"));
        Assert.DoesNotContain(lines, line => line.StartsWith("X-Evil", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(
            [
                "Accept", "Authorization", "Content-Length", "Content-Type", "Host", "User-Agent",
                "X-Api-Key", "messagebird-request-id", "messagebird-request-timestamp", "messagebird-signature", "webhook-id", "webhook-signature", "webhook-timestamp",
                "webhook-trigger", "x-lower_case.name~",
            ],
            lines.Select(line => line.Split(':')[0]).Order(StringComparer.Ordinal),
            StringComparer.OrdinalIgnoreCase);
        await app.UntilAsync(published, WebhookDeliveryStatus.Delivered);
    }

    private static async Task<string> AnswerAsync(TcpListener listener)
    {
        using var client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        var stream = client.GetStream();
        var buffer = new byte[64 * 1024];
        var text = "";
        while (!text.Contains("\r\n\r\n{", StringComparison.Ordinal) || !text.EndsWith('}'))
        {
            text += Encoding.Latin1.GetString(buffer, 0, await stream.ReadAsync(buffer, TestContext.Current.CancellationToken));
        }

        await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        return text;
    }
}
