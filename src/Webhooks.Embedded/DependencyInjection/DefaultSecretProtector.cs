using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Webhooks.Embedded.Signing;

namespace Webhooks.Embedded.DependencyInjection;

/// <summary>
/// What protects secrets where the app has said nothing: Data Protection, which is part of ASP.NET Core, and so of the package
/// Webhooks.Embedded.AspNetCore. That package is to the right of this one and not referenced; where the app has it, it is found by its name.
/// </summary>
internal static class DefaultSecretProtector
{
    // A constant, so that a trimmed app keeps the type.
    private const string TypeName = "Webhooks.Embedded.AspNetCore.Secrets.DataProtectionSecrets, Webhooks.Embedded.AspNetCore";
    private const string Method = "AddTo";

    /// <summary>Registers the default; nothing where the package is not there.</summary>
    public static void AddTo(IServiceCollection services)
    {
        var add = Type.GetType(TypeName, throwOnError: false)?.GetMethod(Method, BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic);
        if (add?.Invoke(null, [services]) is Func<IServiceProvider, ISecretProtector> create)
        {
            services.AddKeyedSingleton(SecretVault.DefaultProtector, (provider, _) => create(provider));
        }
    }

    public static void Replace<T>(IServiceCollection services)
        where T : class, ISecretProtector, new()
    {
        services.RemoveAllKeyed<ISecretProtector>(SecretVault.DefaultProtector);
        services.AddKeyedSingleton<ISecretProtector>(SecretVault.DefaultProtector, new T());
    }
}
