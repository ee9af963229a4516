using System.Text;
using System.Text.Json;

namespace Webhooks.Embedded.Storage;

/// <summary>
/// Finds what payloads have at some paths, in one pass over the bytes. Made once for the filters of several webhooks; used by many publishers
/// at once.
/// </summary>
internal sealed class PayloadPaths
{
    // As deep as published payloads can be.
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 64 };

    // Six bytes for a character is as long as an escape is. What is longer equals no filter's value.
    private const int MaxValueBytes = 6 * WebhookFilter.MaxLength;

    private readonly Member _root = new([]);
    private readonly Dictionary<string, Member> _byPath = new(StringComparer.Ordinal);

    public PayloadPaths(IEnumerable<string> paths)
    {
        foreach (var path in paths)
        {
            var member = _root;
            foreach (var name in path.Split('.'))
            {
                member = member.Child(Encoding.UTF8.GetBytes(name));
            }

            if (_byPath.TryAdd(path, member))
            {
                member.Place = _byPath.Count - 1;
            }
        }
    }

    /// <summary>Where in the values those of a path are.</summary>
    public int PlaceOf(string path) => _byPath[path].Place;

    /// <summary>What a payload has at each path: a text as it is meant, a number or a boolean as it is written, null for whatever else.</summary>
    public string?[] Read(ReadOnlySpan<byte> payload)
    {
        var values = new string?[_byPath.Count];
        var reader = new Utf8JsonReader(payload, Options);
        try
        {
            if (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            {
                ReadObject(ref reader, _root, values);
            }
        }
        catch (JsonException)
        {
            // A converter of the app's wrote what is no JSON. It is published all the same, and has no values to go by.
            Array.Clear(values);
        }

        return values;
    }

    // As deep as the paths are, whatever the payload is.
    private static void ReadObject(ref Utf8JsonReader reader, Member parent, string?[] values)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var member = parent.Find(ref reader);
            reader.Read();

            // Of a doubled member the last one counts, as receivers' parsers have it.
            member?.Forget(values);
            if (member is null || reader.TokenType == JsonTokenType.StartArray)
            {
                reader.Skip();
            }
            else if (reader.TokenType == JsonTokenType.StartObject)
            {
                ReadObject(ref reader, member, values);
            }
            else if (member.Place >= 0)
            {
                values[member.Place] = TextOf(ref reader);
            }
        }
    }

    private static string? TextOf(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null || reader.ValueSpan.Length > MaxValueBytes)
        {
            return null;
        }

        try
        {
            return reader.TokenType == JsonTokenType.String ? reader.GetString() : Encoding.UTF8.GetString(reader.ValueSpan);
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair is no text, and equals none.
            return null;
        }
    }

    /// <summary>A member that a path leads to or through.</summary>
    private sealed class Member(byte[] name)
    {
        private readonly List<Member> _children = [];

        /// <summary>Where its value is; -1 where no path ends here.</summary>
        public int Place { get; set; } = -1;

        public Member Child(byte[] childName)
        {
            var child = _children.Find(known => known.IsNamed(childName));
            if (child is null)
            {
                _children.Add(child = new Member(childName));
            }

            return child;
        }

        public Member? Find(ref Utf8JsonReader reader)
        {
            foreach (var child in _children)
            {
                if (child.IsNamed(ref reader))
                {
                    return child;
                }
            }

            return null;
        }

        public void Forget(string?[] values)
        {
            if (Place >= 0)
            {
                values[Place] = null;
            }

            foreach (var child in _children)
            {
                child.Forget(values);
            }
        }

        private bool IsNamed(byte[] other) => name.AsSpan().SequenceEqual(other);

        private bool IsNamed(ref Utf8JsonReader reader)
        {
            try
            {
                return reader.ValueTextEquals(name);
            }
            catch (InvalidOperationException)
            {
                // Half of a surrogate pair is no name that a path can have.
                return false;
            }
        }
    }
}
