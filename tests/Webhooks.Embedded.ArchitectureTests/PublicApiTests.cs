namespace Webhooks.Embedded.ArchitectureTests;

/// <summary>What apps can use is a reviewed text file: nothing is added, changed or lost by accident.</summary>
public sealed class PublicApiTests
{
    private const string Approve = "APPROVE_PUBLIC_API";

    [Theory]
    [MemberData(nameof(Libraries.Names), MemberType = typeof(Libraries))]
    public void The_public_API_is_the_approved_one(string library)
    {
        var folder = Path.Combine(Libraries.Root, "tests", "Webhooks.Embedded.ArchitectureTests", "PublicApi");
        var approvedFile = Path.Combine(folder, $"{library}.approved.txt");
        var receivedFile = Path.Combine(folder, $"{library}.received.txt");
        Directory.CreateDirectory(folder);
        var received = PublicApiPrinter.Print(Libraries.Named(library));
        if (Environment.GetEnvironmentVariable(Approve) == "1")
        {
            File.WriteAllText(approvedFile, received);
        }

        var approved = File.Exists(approvedFile) ? File.ReadAllText(approvedFile) : "";
        if (approved == received)
        {
            File.Delete(receivedFile);
            return;
        }

        File.WriteAllText(receivedFile, received);
        Assert.Fail($"""
            The public API of {library} is not the approved one (- approved, + received):
            {Difference(approved, received)}
            If this is meant, run the tests once with {Approve}=1 and commit what that changes in {Path.GetRelativePath(Libraries.Root, approvedFile)}.
            """);
    }

    [Fact]
    public void Members_are_printed_as_people_read_them() => Assert.Equal(
        """
        Webhooks.Embedded.ArchitectureTests: sealed record Printed<T> : IDisposable
            Printed(T Value, string? Text = null)
            void Dispose()
            const int Limit = 3
            static Task<long?> RunAsync<TIn>(TIn input, Kind kind = Kind.Second, CancellationToken cancellationToken = default) where TIn : IDisposable
            string? Text { get; init; }
            required IReadOnlyList<string?> Texts { get; init; }
            T Value { get; init; }


        """,
        PublicApiPrinter.Print(typeof(Printed<>)));

    private static string Difference(string approved, string received)
    {
        var old = Qualified(approved);
        var current = Qualified(received);
        return string.Join('\n', old.Except(current).Select(line => $"- {line}").Concat(current.Except(old).Select(line => $"+ {line}")));
    }

    // Each member with its type before it: lines alone would not say whose they are.
    private static List<string> Qualified(string text)
    {
        var lines = new List<string>();
        var type = "";
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            type = line.StartsWith(' ') ? type : line;
            lines.Add(line.StartsWith(' ') ? $"{type} › {line.Trim()}" : line);
        }

        return lines;
    }
}

internal enum Kind
{
    First = 1,
    Second = 2,
}

internal sealed record Printed<T>(T Value, string? Text = null) : IDisposable
{
    public const int Limit = 3;

    public required IReadOnlyList<string?> Texts { get; init; }

    public static Task<long?> RunAsync<TIn>(TIn input, Kind kind = Kind.Second, CancellationToken cancellationToken = default)
        where TIn : IDisposable => Task.FromResult<long?>(input is null || cancellationToken.IsCancellationRequested ? null : (long)kind);

    public void Dispose()
    {
    }
}
