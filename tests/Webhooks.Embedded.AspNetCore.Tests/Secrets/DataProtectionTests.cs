using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Webhooks.Embedded.AspNetCore.Secrets;
using Webhooks.Embedded.AspNetCore.Tests.Admin;

namespace Webhooks.Embedded.AspNetCore.Tests.Secrets;

/// <summary>The default protector: there without a call, with keys that come and go.</summary>
public sealed class DataProtectionTests : IDisposable
{
    private const string Purpose = "Webhooks.Secret.v1";

    private readonly DirectoryInfo _keys = Directory.CreateTempSubdirectory("webhooks-keys-");
    private readonly Clock _time = new();

    public void Dispose() => _keys.Delete(recursive: true);

    [Fact]
    public void What_one_node_protects_another_one_reads_for_the_same_purpose()
    {
        var stored = Protector().Protect(Purpose, "secret");

        Assert.DoesNotContain("secret", stored, StringComparison.Ordinal);
        Assert.True(Protector().TryUnprotect(Purpose, stored, out var text));
        Assert.Equal("secret", text);
        Assert.False(Protector().TryUnprotect("Webhooks.Header.v1", stored, out _));
        Assert.False(Protector(application: "another").TryUnprotect(Purpose, stored, out _));
        Assert.False(Protector().TryUnprotect(Purpose, "no such thing", out _));
    }

    [Fact]
    public void Keys_that_come_back_while_the_node_runs_are_found()
    {
        var stored = Protector().Protect(Purpose, "secret");
        var away = Directory.CreateTempSubdirectory("webhooks-away-").FullName;
        Move(_keys.FullName, away);
        var node = Protector();
        Assert.False(node.TryUnprotect(Purpose, stored, out _));

        Move(away, _keys.FullName);
        Directory.Delete(away);
        _time.Now += TimeSpan.FromSeconds(20);
        Assert.True(node.TryUnprotect(Purpose, stored, out var text));
        Assert.Equal("secret", text);
    }

    [Fact]
    public void Keys_are_read_anew_by_a_ring_of_its_own_and_not_all_the_time()
    {
        // Data Protection itself looks for keys in its first moments, and then for hours no more: the ring that was read anew is asked here, not that one.
        var stored = Protector().Protect(Purpose, "secret");
        using var keys = Keys(Services());
        var before = keys.Current;

        Assert.True(keys.TryRenew(out var renewed));
        Assert.NotSame(before, renewed);
        Assert.Same(renewed, keys.Current);
        Assert.Equal("secret", renewed.CreateProtector(Purpose).Unprotect(stored));

        _time.Now += TimeSpan.FromSeconds(19);
        Assert.False(keys.TryRenew(out _));
        _time.Now += TimeSpan.FromSeconds(1);
        Assert.True(keys.TryRenew(out var again));
        Assert.Equal("secret", renewed.CreateProtector(Purpose).Unprotect(again.CreateProtector(Purpose).Protect("secret")));
    }

    [Fact]
    public void A_provider_of_the_apps_own_is_left_to_itself()
    {
        var services = Services();
        services.AddSingleton<IDataProtectionProvider>(new EphemeralDataProtectionProvider());
        using var keys = Keys(services);

        Assert.False(keys.TryRenew(out _));
    }

    [Fact]
    public void Keys_in_memory_alone_are_warned_of_and_lasting_ones_are_not()
    {
        var services = new ServiceCollection().AddLogging();
        services.AddSingleton<IDataProtectionProvider>(new EphemeralDataProtectionProvider());

        Assert.Contains("PersistKeysToFileSystem", Protector(services).Warning, StringComparison.Ordinal);
        Assert.Null(Protector().Warning);
    }

    [Fact]
    public async Task An_app_with_this_package_has_it_without_a_call()
    {
        await using var host = await AdminHost.StartAsync(builder => builder.Services.AddDataProtection().PersistKeysToFileSystem(_keys));
        await host.CreateWebhookAsync();

        Assert.NotEmpty(_keys.GetFiles("key-*.xml"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_protector_of_the_apps_goes_before_it_wherever_it_is_registered(bool isFirst)
    {
        var services = new ServiceCollection().AddLogging();
        if (isFirst)
        {
            services.AddSingleton<ISecretProtector, Own>();
        }

        services.AddWebhooks();
        if (!isFirst)
        {
            services.AddSingleton<ISecretProtector, Own>();
        }

        using var provider = services.BuildServiceProvider();
        Assert.IsType<Own>(provider.GetRequiredService<ISecretProtector>());
    }

    [Fact]
    public async Task The_log_says_at_the_start_how_many_webhooks_cannot_be_read_and_the_app_starts()
    {
        var database = Path.Combine(_keys.FullName, "test.db");
        var logs = new CollectedLogs();
        using (var before = App("before"))
        {
            await before.StartAsync();
            await CreateAsync(before, "a");
            await CreateAsync(before, "b");
            await before.StopAsync();
        }

        using var after = App("after");
        await after.StartAsync();

        var line = Assert.Single(logs.Lines, line => line.Contains(" 3302 ", StringComparison.Ordinal));
        Assert.Contains("of 2 of 2 webhooks cannot be read", line, StringComparison.Ordinal);
        Assert.False((await after.Services.GetRequiredService<IWebhookRegistry>().FindAsync(1))!.SecretReadable);
        await after.StopAsync();

        IHost App(string application)
        {
            var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
            builder.Logging.AddProvider(logs);
            builder.Services.AddDataProtection().PersistKeysToFileSystem(_keys).SetApplicationName(application);
            builder.Services.AddWebhooks().UseSqlite($"Data Source={database};Pooling=False").WithoutDispatcher().AddTrigger("order.paid");
            return builder.Build();
        }

        static Task CreateAsync(IHost app, string name) => app.Services.GetRequiredService<IWebhookRegistry>()
            .CreateAsync(new WebhookSettings { Name = name, Url = "https://example.com/", Triggers = ["*"] });
    }

    [Fact]
    public async Task What_was_stored_as_it_is_stays_readable_and_is_counted_until_secrets_and_headers_are_new()
    {
        var database = Path.Combine(_keys.FullName, "test.db");
        await StartAsync(isProtected: false, app => app.CreateAsync(
            new WebhookSettings { Name = "a", Url = "https://example.com/", Triggers = ["*"], Secret = "a-secret-of-ours", Headers = [new WebhookHeader("X-Key", "value")] }));

        Assert.Single(await StartAsync(isProtected: true, async app =>
        {
            Assert.Equal(["a-secret-of-ours"], await app.RevealSecretsAsync(1));
            await app.RotateSecretAsync(1, secret: null, overlap: TimeSpan.Zero);
        }));
        Assert.Single(await StartAsync(isProtected: true, async app =>
            await app.ChangeAsync(1, (await app.FindAsync(1))!.ToSettings() with { Headers = [new WebhookHeader("X-Key", "value")] })));
        Assert.Empty(await StartAsync(isProtected: true, _ => Task.CompletedTask));

        async Task<IReadOnlyList<string>> StartAsync(bool isProtected, Func<IWebhookRegistry, Task> work)
        {
            var logs = new CollectedLogs();
            var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
            builder.Logging.AddProvider(logs);
            builder.Services.AddDataProtection().PersistKeysToFileSystem(_keys).SetApplicationName("shop");
            var webhooks = builder.Services.AddWebhooks().UseSqlite($"Data Source={database};Pooling=False").WithoutDispatcher();
            if (!isProtected)
            {
                webhooks.WithoutSecretProtection();
            }

            using var app = builder.Build();
            await app.StartAsync();
            await work(app.Services.GetRequiredService<IWebhookRegistry>());
            await app.StopAsync();
            return [.. logs.Lines.Where(line => line.Contains(" 3303 ", StringComparison.Ordinal))];
        }
    }

    private DataProtectionSecrets Protector(string application = "shop") => Protector(Services(application));

    private DataProtectionSecrets Protector(IServiceCollection services) => new(Keys(services));

    private IServiceCollection Services(string application = "shop")
    {
        var services = new ServiceCollection().AddLogging();
        services.AddDataProtection().PersistKeysToFileSystem(_keys).SetApplicationName(application);
        return services;
    }

    private KeyRing Keys(IServiceCollection services)
    {
        services.AddDataProtection();
        var provider = services.BuildServiceProvider();
        return new KeyRing(provider, provider.GetRequiredService<IDataProtectionProvider>(), _time);
    }

    private static void Move(string from, string to)
    {
        foreach (var file in Directory.GetFiles(to))
        {
            File.Delete(file);
        }

        foreach (var file in Directory.GetFiles(from))
        {
            File.Move(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }

    private sealed class Own : ISecretProtector
    {
        public string Name => "own";

        public string Protect(string purpose, string text) => text;

        public bool TryUnprotect(string purpose, string protectedText, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? text)
        {
            text = protectedText;
            return true;
        }
    }
}
