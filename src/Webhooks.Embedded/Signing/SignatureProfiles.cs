using System.Diagnostics.CodeAnalysis;

namespace Webhooks.Embedded.Signing;

/// <summary>Every signature profile by its name: those of the vendors, and those that the app added. A fault in these stops the start.</summary>
internal sealed class SignatureProfiles
{
    private const int MaxNameLength = 64;

    private static readonly string[] Vendors = [VendorSignatures.DocSpaceName, VendorSignatures.BaanxName, VendorSignatures.BirdName];
    private static readonly WebhookSignatureInput Sample = new()
    {
        Id = Guid.Empty,
        Timestamp = 0,
        Url = "https://example.com/",
        Body = ReadOnlyMemory<byte>.Empty,
        Secret = "sample",
    };

    private readonly Dictionary<string, WebhookSignatureProfile> _byName = new(StringComparer.Ordinal)
    {
        [VendorSignatures.DocSpaceName] = VendorSignatures.DocSpace,
        [VendorSignatures.BaanxName] = VendorSignatures.Baanx,
        [VendorSignatures.BirdName] = VendorSignatures.Bird,
    };

    public SignatureProfiles(IEnumerable<NamedSignatureProfile> added)
    {
        foreach (var profile in added)
        {
            Add(profile);
        }

        Names = [.. _byName.Keys.Order(StringComparer.Ordinal)];
    }

    public IReadOnlyList<string> Names { get; }

    public bool Has(string name) => _byName.ContainsKey(name);

    /// <summary>The headers that a vendor's profile makes. What the app's own make is not known before they are asked for a signature.</summary>
    public IReadOnlyList<string> HeaderNames(string name) =>
        Vendors.Contains(name) && TrySign(name, Sample, out var lines, out _)
            ? [.. lines.Split('\n').Select(line => line[..line.IndexOf(':', StringComparison.Ordinal)])]
            : [];

    /// <summary>
    /// The headers of a profile's signature, a line each, <c>name: value</c>; where there are none, why. Whatever a profile does, nothing is
    /// thrown: it is one webhook's trouble, and the dispatcher's others must go on.
    /// </summary>
    public bool TrySign(
        string name, WebhookSignatureInput input, [NotNullWhen(true)] out string? lines, [NotNullWhen(false)] out string? error)
    {
        lines = null;
        if (!_byName.TryGetValue(name, out var sign))
        {
            error = $"The signature profile '{name}' is not known here, so that nothing was sent. Add it with AddSignatureProfile(\"{name}\", …), "
                + $"or choose one of {string.Join(", ", Names)}.";
            return false;
        }

        try
        {
            return ProfileHeaders.TryWrite(name, sign(input), out lines, out error);
        }
        catch (Exception exception)
        {
            // The app's code may throw anything. What it says may hold the secret, so that only the kind of the exception is told.
            error = $"The signature profile '{name}' threw {exception.GetType().Name}, so that nothing was sent.";
            return false;
        }
    }

    private void Add(NamedSignatureProfile profile)
    {
        if (profile.Name.Length is 0 or > MaxNameLength || !profile.Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'))
        {
            throw new InvalidOperationException(
                $"AddSignatureProfile(\"{profile.Name}\"): a profile's name is 1 to {MaxNameLength} letters, digits, dots, dashes or underscores.");
        }

        // Names that differ in case alone are taken for a mistake.
        if (_byName.Keys.FirstOrDefault(name => name.Equals(profile.Name, StringComparison.OrdinalIgnoreCase)) is { } taken)
        {
            throw new InvalidOperationException($"AddSignatureProfile(\"{profile.Name}\"): there is a profile '{taken}' already.");
        }

        _byName.Add(profile.Name, profile.Sign);
    }
}
