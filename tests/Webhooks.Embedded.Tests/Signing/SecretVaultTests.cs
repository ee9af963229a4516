using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Webhooks.Embedded.Signing;

namespace Webhooks.Embedded.Tests.Signing;

/// <summary>Secrets as they rest: under their protector's name, read once, and tried again where they could not be.</summary>
public sealed class SecretVaultTests
{
    private readonly Clock _time = new();

    [Fact]
    public void What_is_stored_begins_with_the_protectors_name_and_is_read_for_its_purpose_alone()
    {
        var vault = Vault(new Protector("one"));
        var stored = vault.Protect("a", "secret");

        Assert.Equal("one:a|terces", stored);
        Assert.Equal("secret", Read(vault, "a", stored));
        Assert.Null(Read(vault, "b", stored));
    }

    [Fact]
    public void Of_several_protectors_the_last_one_protects_and_each_reads_its_own()
    {
        var before = Vault(new Protector("one")).Protect("a", "secret");
        var vault = Vault(new Protector("one"), new Protector("two"));

        Assert.StartsWith("two:", vault.Protect("a", "secret"), StringComparison.Ordinal);
        Assert.Equal("secret", Read(vault, "a", before));
        Assert.Null(Read(Vault(new Protector("two")), "a", before));
    }

    [Fact]
    public void The_apps_protector_goes_before_the_default_which_still_reads_what_it_has_protected()
    {
        var vault = new SecretVault([new Protector("app")], new Protector("default"), _time);

        Assert.StartsWith("app:", vault.Protect("a", "secret"), StringComparison.Ordinal);
        Assert.Equal("secret", Read(vault, "a", "default:a|terces"));
    }

    [Fact]
    public void What_was_stored_as_it_is_can_be_read_by_an_app_that_protects_now() =>
        Assert.Equal("secret", Read(Vault(new Protector("one")), "a", "plain:secret"));

    [Theory]
    [InlineData("secret")]
    [InlineData("")]
    [InlineData("unknown:a|terces")]
    [InlineData("one:garbage")]
    [InlineData("one:throw")]
    public void What_no_protector_can_read_is_not_readable_and_throws_nothing(string stored) =>
        Assert.Null(Read(Vault(new Protector("one")), "a", stored));

    [Fact]
    public void What_was_read_is_remembered()
    {
        var protector = new Protector("one");
        var vault = Vault(protector);
        string[] stored = [.. Enumerable.Range(0, 10_000).Select(number => vault.Protect("a", $"{number}"))];

        for (var load = 0; load < 3; load++)
        {
            Assert.All(stored, text => Assert.NotNull(Read(vault, "a", text)));
            _time.Now += TimeSpan.FromHours(1);
        }

        Assert.Equal(10_000, protector.Reads);
    }

    [Fact]
    public void No_more_is_remembered_than_there_is_room_for()
    {
        var protector = new Protector("one");
        var vault = Vault(protector);
        for (var number = 0; number < 50_000; number++)
        {
            Assert.NotNull(Read(vault, "a", $"one:a|{number}"));
        }

        Assert.NotNull(Read(vault, "a", "one:a|0"));
        Assert.Equal(50_001, protector.Reads);
    }

    [Fact]
    public void What_could_not_be_read_is_tried_again_after_half_a_minute_and_not_before()
    {
        var protector = new Protector("one") { IsLost = true };
        var vault = Vault(protector);
        Assert.Null(Read(vault, "a", "one:a|terces"));
        protector.IsLost = false;

        _time.Now += TimeSpan.FromSeconds(29);
        Assert.Null(Read(vault, "a", "one:a|terces"));
        Assert.Equal(1, protector.Reads);

        _time.Now += TimeSpan.FromSeconds(1);
        Assert.Equal("secret", Read(vault, "a", "one:a|terces"));
    }

    [Fact]
    public void Without_a_protector_nothing_is_stored_and_the_message_names_the_choices()
    {
        var missing = Assert.Throws<InvalidOperationException>(() => Vault().Probe());

        Assert.All(
            ["Webhooks.Embedded.AspNetCore", "ISecretProtector", "WithoutSecretProtection()"],
            choice => Assert.Contains(choice, missing.Message, StringComparison.Ordinal));
        Assert.Throws<InvalidOperationException>(() => Vault().Protect("a", "secret"));
    }

    [Fact]
    public void A_protector_that_cannot_read_what_it_has_protected_is_found_by_the_probe()
    {
        Vault(new Protector("one")).Probe();

        Assert.Throws<InvalidOperationException>(() => Vault(new Protector("one") { IsLost = true }).Probe());
    }

    [Theory]
    [InlineData("")]
    [InlineData("a:b")]
    [InlineData("Upper")]
    [InlineData("a b")]
    public void A_name_that_cannot_stand_in_front_is_a_fault(string name) =>
        Assert.Throws<InvalidOperationException>(() => Vault(new Protector(name)));

    [Fact]
    public void A_name_that_another_kind_of_protector_has_is_a_fault_for_what_that_one_stored_would_be_lost()
    {
        Assert.Throws<InvalidOperationException>(() => Vault(new Protector(PlainSecrets.Plain)));
        Assert.Throws<InvalidOperationException>(() => new SecretVault([new Protector("default")], new OtherProtector("default"), _time));
    }

    [Fact]
    public void An_app_that_says_so_stores_secrets_as_they_are_and_is_warned()
    {
        var services = new ServiceCollection();
        services.AddWebhooks().WithoutSecretProtection();
        using var provider = services.BuildServiceProvider();
        var vault = provider.GetRequiredService<SecretVault>();

        Assert.Equal("plain:secret", vault.Protect("a", "secret"));
        Assert.Contains("WithoutSecretProtection()", vault.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_protector_of_the_apps_goes_before_that_word()
    {
        var services = new ServiceCollection();
        services.AddSingleton<ISecretProtector>(new Protector("app"));
        services.AddWebhooks().WithoutSecretProtection();
        using var provider = services.BuildServiceProvider();
        var vault = provider.GetRequiredService<SecretVault>();

        Assert.StartsWith("app:", vault.Protect("a", "secret"), StringComparison.Ordinal);
        Assert.Null(vault.Warning);
    }

    private SecretVault Vault(params ISecretProtector[] protectors) => new(protectors, defaultProtector: null, _time);

    private static string? Read(SecretVault vault, string purpose, string stored) => vault.TryRead(purpose, stored, out var text) ? text : null;

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }

    private sealed class OtherProtector(string name) : ISecretProtector
    {
        public string Name => name;

        public string Protect(string purpose, string text) => text;

        public bool TryUnprotect(string purpose, string protectedText, [NotNullWhen(true)] out string? text) => (text = protectedText) is not null;
    }

    private sealed class Protector(string name) : ISecretProtector
    {
        public string Name => name;

        public bool IsLost { get; set; }

        public int Reads { get; private set; }

        public string Protect(string purpose, string text) => $"{purpose}|{Reversed(text)}";

        public bool TryUnprotect(string purpose, string protectedText, [NotNullWhen(true)] out string? text)
        {
            Reads++;
            if (protectedText == "throw")
            {
                throw new InvalidOperationException("It holds the secret.");
            }

            text = !IsLost && protectedText.StartsWith($"{purpose}|", StringComparison.Ordinal) ? Reversed(protectedText[(purpose.Length + 1)..]) : null;
            return text is not null;
        }

        private static string Reversed(string text) => string.Concat(text.Reverse());
    }
}
