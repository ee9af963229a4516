using System.Diagnostics.CodeAnalysis;

namespace Webhooks.Embedded.Signing;

/// <summary>
/// Secrets as they rest in the store: <c>name:text</c>, the name of the protector and what it made. What was read is remembered by what is
/// stored, so that a catalogue that is read anew costs nothing; what could not be read is tried again after a while, for keys may come back.
/// </summary>
internal sealed class SecretVault
{
    /// <summary>Under this key the default is registered, which gives way to a protector of the app's own wherever that is registered.</summary>
    public const string DefaultProtector = "Webhooks.Embedded.DefaultSecretProtector";

    public const string SecretPurpose = "Webhooks.Secret.v1";
    public const string HeaderPurpose = "Webhooks.Header.v1";

    // Two generations of these: a few megabytes at most, and enough for all webhooks of most apps.
    private const int MaxRemembered = 20_000;
    private const int MaxNameLength = 32;
    private static readonly TimeSpan BeforeNextTry = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, ISecretProtector> _byName = new(StringComparer.Ordinal) { [PlainSecrets.Plain] = new PlainSecrets() };
    private readonly ISecretProtector? _protector;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private Dictionary<(string Purpose, string Stored), Entry> _recent = [];
    private Dictionary<(string Purpose, string Stored), Entry> _older = [];

    public SecretVault(IEnumerable<ISecretProtector> ofTheApp, ISecretProtector? defaultProtector, TimeProvider time)
    {
        _time = time;
        ISecretProtector[] all = [.. defaultProtector is null ? [] : new[] { defaultProtector }, .. ofTheApp];
        foreach (var protector in all)
        {
            if (protector.Name is not { Length: > 0 and <= MaxNameLength } name || !name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
            {
                throw new InvalidOperationException(
                    $"{protector.GetType()}.Name is '{protector.Name}'. A protector's name is 1 to {MaxNameLength} lower-case letters, digits and dashes.");
            }

            // One of them would be given what the other has protected, and all of it would be unreadable.
            if (_byName.TryGetValue(name, out var other) && other.GetType() != protector.GetType())
            {
                throw new InvalidOperationException($"{protector.GetType()}.Name is '{name}', as is that of {other.GetType()}. Give it a name of its own.");
            }

            _byName[name] = protector;
        }

        _protector = all.LastOrDefault();
    }

    /// <summary>What people are to know of the protector at the start.</summary>
    public string? Warning => _protector?.Warning;

    /// <summary>Whether secrets are stored as they are.</summary>
    public bool IsPlain => _protector is PlainSecrets;

    /// <summary>Whether what is stored is the secret itself.</summary>
    public static bool IsStoredPlain(string stored) => stored.StartsWith($"{PlainSecrets.Plain}:", StringComparison.Ordinal);

    public string Protect(string purpose, string text) => $"{Protector().Name}:{Protector().Protect(purpose, text)}";

    /// <summary>Reads what <see cref="Protect"/> made, here or on another node. False where it cannot be read at the moment.</summary>
    public bool TryRead(string purpose, string stored, [NotNullWhen(true)] out string? text)
    {
        if (Find((purpose, stored)) is { } known && (known.Text is not null || _time.GetElapsedTime(known.At) < BeforeNextTry))
        {
            text = known.Text;
            return text is not null;
        }

        text = Read(purpose, stored);
        lock (_lock)
        {
            if (_recent.Count >= MaxRemembered)
            {
                (_older, _recent) = (_recent, []);
            }

            _recent[(purpose, stored)] = new Entry(text, _time.GetTimestamp());
        }

        return text is not null;
    }

    /// <summary>Protects and reads a text, so that an app that cannot does not come up.</summary>
    /// <exception cref="InvalidOperationException">There is no protector, or it does not work.</exception>
    public void Probe()
    {
        const string Text = "probe";
        var protector = Protector();
        string? read = null;
        Exception? failure = null;
        try
        {
            if (protector.TryUnprotect(SecretPurpose, protector.Protect(SecretPurpose, Text), out var text))
            {
                read = text;
            }
        }
        catch (Exception exception)
        {
            // Whatever the app's protector throws, its words are the best there are.
            failure = exception;
        }

        if (read != Text)
        {
            throw new InvalidOperationException(
                $"{protector.GetType()} cannot read what it has just protected, so that no webhook could be signed. {failure?.Message}", failure);
        }
    }

    private ISecretProtector Protector() => _protector ?? throw new InvalidOperationException(
        "Nothing protects the secrets of webhooks, which must not be stored as they are. Choose one: reference the package Webhooks.Embedded.AspNetCore, which "
        + "protects them with the app's Data Protection; register an ISecretProtector of your own, "
        + "services.AddSingleton<ISecretProtector, MyProtector>(); or say AddWebhooks().WithoutSecretProtection() to store them as they are all the same.");

    private Entry? Find((string Purpose, string Stored) key)
    {
        lock (_lock)
        {
            if (_recent.TryGetValue(key, out var entry))
            {
                return entry;
            }

            if (_older.TryGetValue(key, out entry) && _recent.Count < MaxRemembered)
            {
                _recent.Add(key, entry);
            }

            return entry;
        }
    }

    private string? Read(string purpose, string stored)
    {
        var end = stored.IndexOf(':', StringComparison.Ordinal);
        if (end < 0 || !_byName.TryGetValue(stored[..end], out var protector))
        {
            return null;
        }

        try
        {
            return protector.TryUnprotect(purpose, stored[(end + 1)..], out var text) ? text : null;
        }
        catch (Exception)
        {
            // The app's code may throw anything, and what it says may hold the secret. It is not readable now, and it is tried again.
            return null;
        }
    }

    private sealed record Entry(string? Text, long At);
}
