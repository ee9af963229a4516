namespace Webhooks.Embedded.ArchitectureTests;

/// <summary>Nothing leaves the app past the guard: there is one client, and whoever connects or sends is listed here.</summary>
public sealed class EgressTests
{
    private const string Egress = "Webhooks.Embedded.Egress.";

    /// <summary>What makes connections or clients, and the types that may mention it. Databases are reached by their drivers.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["System.Net.Http.HttpClient"] = [],
        ["System.Net.Http.HttpClientHandler"] = [],
        ["System.Net.Http.IHttpClientFactory"] = [],
        ["System.Net.Http.HttpClientFactoryExtensions"] = [],
        ["System.Net.WebRequest"] = [],
        ["System.Net.HttpWebRequest"] = [],
        ["System.Net.WebClient"] = [],
        ["System.Net.Sockets.TcpClient"] = [],
        ["System.Net.Sockets.UdpClient"] = [],
        ["System.Net.Quic.QuicConnection"] = [],
        ["System.Net.WebSockets.ClientWebSocket"] = [],
        ["System.Net.Mail.SmtpClient"] = [],
        ["System.Net.NetworkInformation.Ping"] = [],
        ["System.Net.Sockets.Socket"] = [Egress + "GuardedConnect"],
        ["System.Net.Dns"] = [Egress + "SystemResolver"],
        ["System.Net.Http.SocketsHttpHandler"] = [Egress + "WebhookHttpClient", Egress + "GuardedHandlerFilter"],

        // These take the one client by its name, which has the guard whoever asks.
        ["System.Net.Http.IHttpMessageHandlerFactory"] =
        [
            "Webhooks.Embedded.AspNetCore.DocSpace.DocSpaceProbe", "Webhooks.Embedded.DependencyInjection.EgressStarter",
            "Webhooks.Embedded.Dispatching.AttemptSender", Egress + "GuardedHandlerFilter",
        ],
        ["System.Net.Http.HttpMessageInvoker"] =
            ["Webhooks.Embedded.AspNetCore.DocSpace.DocSpaceProbe", "Webhooks.Embedded.Dispatching.AttemptSender", Egress + "VariantHandler"],
    };

    public static TheoryData<string> Ways => [.. Allowed.Keys];

    [Theory, MemberData(nameof(Ways))]
    public void There_is_one_way_out_and_it_is_guarded(string way) =>
        Assert.Equal(
            Allowed[way].Order(StringComparer.Ordinal),
            Libraries.All.SelectMany(CalledMembers.In).Where(call => call.Type == way).Select(call => call.From).Distinct().Order(StringComparer.Ordinal));
}
