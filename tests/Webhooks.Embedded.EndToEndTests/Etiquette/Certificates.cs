using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;

namespace Webhooks.Embedded.EndToEndTests.Etiquette;

/// <summary>Certificates for receivers at <c>localhost</c>, made for one test; an authority of its own signs them, which an app can trust.</summary>
internal sealed class Certificates : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;
    private static readonly Oid ForServers = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid ForClients = new("1.3.6.1.5.5.7.3.2");

    private readonly X509Certificate2 _authority = Authority("CN=The test's authority");
    private readonly X509Certificate2 _stranger = Authority("CN=Nobody's authority");
    private readonly List<X509Certificate2> _all = [];

    public X509Certificate2 Good => Signed(_authority, "localhost");

    public Dictionary<string, Func<X509Certificate2>> Bad => new()
    {
        ["self-signed"] = () => Keep(Request("localhost", ForServers).CreateSelfSigned(Now.AddDays(-1), Now.AddDays(1))),
        ["of an authority that nobody knows"] = () => Signed(_stranger, "localhost"),
        ["out of date"] = () => Signed(_authority, "localhost", fromDays: -20, toDays: -10),
        ["not in force yet"] = () => Signed(_authority, "localhost", fromDays: 10, toDays: 20),
        ["for another host"] = () => Signed(_authority, "example.com"),
        ["for a host below it"] = () => Signed(_authority, "*.localhost"),
        ["for clients"] = () => Signed(_authority, "localhost", ForClients),
        ["out of date, self-signed and for another host"] = () => Keep(Request("example.com", ForServers).CreateSelfSigned(Now.AddDays(-20), Now.AddDays(-10))),
    };

    /// <summary>Makes an app trust the authority, beside nobody else: what an app with receivers of its own would do.</summary>
    public void Trust(IServiceCollection services) =>
        services.AddWebhooks().ConfigureHttpClient(client => client.UseSocketsHttpHandler((handler, _) =>
            handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { _authority },
                RevocationMode = X509RevocationMode.NoCheck,
            }));

    /// <summary>A receiver's side of TLS with that certificate.</summary>
    public Func<Stream, CancellationToken, Task<Stream>> With(X509Certificate2 certificate, Action<SslServerAuthenticationOptions>? configure = null) =>
        async (stream, cancellationToken) =>
        {
            var options = new SslServerAuthenticationOptions { ServerCertificate = certificate };
            configure?.Invoke(options);
            var secure = new SslStream(stream);
            await secure.AuthenticateAsServerAsync(options, cancellationToken);
            return secure;
        };

    public void Dispose()
    {
        _all.ForEach(certificate => certificate.Dispose());
        _authority.Dispose();
        _stranger.Dispose();
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(Now.AddYears(-1), Now.AddYears(1));
    }

    private static CertificateRequest Request(string? host, Oid purpose, ECDsa? key = null)
    {
        var request = new CertificateRequest("CN=localhost", key ?? ECDsa.Create(ECCurve.NamedCurves.nistP256), HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([purpose], false));
        if (host is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(host);
            request.CertificateExtensions.Add(names.Build());
        }

        return request;
    }

    private X509Certificate2 Signed(X509Certificate2 authority, string? host, Oid? purpose = null, int fromDays = -1, int toDays = 1)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var signed = Request(host, purpose ?? ForServers, key)
            .Create(authority, Now.AddDays(fromDays), Now.AddDays(toDays), RandomNumberGenerator.GetBytes(8));
        return Keep(signed.CopyWithPrivateKey(key));
    }

    // Read again from its file's form, as every platform's TLS takes it.
    private X509Certificate2 Keep(X509Certificate2 certificate)
    {
        using (certificate)
        {
            var kept = X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
            _all.Add(kept);
            return kept;
        }
    }
}
