using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Webhooks.Embedded.AspNetCore.Secrets;

/// <summary>
/// The keys of the app's Data Protection, read anew when one is missing: Data Protection reads them once a day, and keys that come back, or that another
/// node has made, must be there without a restart.
/// </summary>
internal sealed class KeyRing : IDisposable
{
    private const string HowToKeepKeys =
        "Keep keys where they last and where every node finds them: builder.Services.AddDataProtection().PersistKeysToFileSystem(…), or to a "
        + "database or vault, and SetApplicationName(…) for several nodes.";

    private static readonly TimeSpan BetweenRenewals = TimeSpan.FromSeconds(20);

    private readonly IServiceProvider _services;
    private readonly TimeProvider _time;
    private readonly Lock _renewing = new();
    private volatile IDataProtectionProvider _current;
    private ServiceProvider? _renewed;
    private long? _renewedAt;

    public KeyRing(IServiceProvider services, IDataProtectionProvider provider, TimeProvider time)
    {
        _services = services;
        _time = time;
        _current = provider;
        Warning = WarningOf(provider, services.GetRequiredService<IOptions<KeyManagementOptions>>().Value);
    }

    public IDataProtectionProvider Current => _current;

    /// <summary>What is to be feared of the place where the keys are; null where nothing is known to be wrong.</summary>
    public string? Warning { get; }

    /// <summary>Reads the keys anew. False where that was done a moment ago, or is not for us to do.</summary>
    public bool TryRenew([NotNullWhen(true)] out IDataProtectionProvider? renewed)
    {
        lock (_renewing)
        {
            renewed = null;
            if (!IsFrameworks(_current) || (_renewedAt is { } at && _time.GetElapsedTime(at) < BetweenRenewals))
            {
                return false;
            }

            _renewedAt = _time.GetTimestamp();
            _current = renewed = Renewed();
            return true;
        }
    }

    public void Dispose() => _renewed?.Dispose();

    /// <summary>The same keys and settings, but a ring that has read nothing yet.</summary>
    private IDataProtectionProvider Renewed()
    {
        var services = new ServiceCollection();
        services.AddDataProtection();
        services.AddSingleton(_services.GetRequiredService<ILoggerFactory>());
        services.AddSingleton(_services.GetRequiredService<IKeyManager>());
        services.AddSingleton(_services.GetRequiredService<IOptions<KeyManagementOptions>>());
        services.AddSingleton(_services.GetRequiredService<IOptions<DataProtectionOptions>>());

        // Who is still reading with the earlier ring can go on: it holds nothing that is disposed of.
        _renewed?.Dispose();
        _renewed = services.BuildServiceProvider();
        return _renewed.GetRequiredService<IDataProtectionProvider>();
    }

    // An app may have a provider of its own, which knows itself when to read its keys; an ephemeral one has none to read.
    private static bool IsFrameworks(IDataProtectionProvider provider) =>
        provider.GetType().Assembly == typeof(KeyManagementOptions).Assembly && provider is not EphemeralDataProtectionProvider;

    private static string? WarningOf(IDataProtectionProvider provider, KeyManagementOptions options)
    {
        if (provider is EphemeralDataProtectionProvider || (options.XmlRepository is null && IsWithoutDirectory()))
        {
            return "The keys of Data Protection, which protect the secrets of webhooks, are in memory alone: after a restart no stored secret can be read, and deliveries wait "
                + $"until every secret is rotated. {HowToKeepKeys}";
        }

        return options.XmlRepository is null && Environment.GetEnvironmentVariable("DOTNET_RUNNING_IN_CONTAINER") is "true" or "1"
            ? "The keys of Data Protection, which protect the secrets of webhooks, are in the container's own file system and go with it: then no stored secret can be read, and "
                + $"deliveries wait until every secret is rotated. {HowToKeepKeys}"
            : null;
    }

    // Where it finds no directory for keys, as without HOME, Data Protection keeps them in memory. On Windows there is the registry as well.
    private static bool IsWithoutDirectory() =>
        FileSystemXmlRepository.DefaultKeyStorageDirectory is null && !OperatingSystem.IsWindows();
}
