using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using static Webhooks.Embedded.WebhookAttemptOutcome;

namespace Webhooks.Embedded.EndToEndTests.Etiquette;

/// <summary>H3, H4, H8, H10, H11: however much a receiver sends, little of it is read and less of it is kept.</summary>
public sealed class When_a_receiver_sends_too_much : IClassFixture<WarmedUp>
{
    // What the systems at both ends take in although nobody reads it. The sender itself reads 16 KB and a buffer.
    private const long SystemBuffers = 16 * 1024 * 1024;

    private const string Ok = "HTTP/1.1 200 OK\r\n";

    public static TheoryData<string> TooMuch => [.. Scripts.Keys];

    private static Dictionary<string, (string Beginning, string Again, WebhookAttemptOutcome Outcome, int Body)> Scripts { get; } = new()
    {
        ["H3 a body without end"] = ($"{Ok}\r\n", Kilobytes(64), Delivered, 16 * 1024),
        ["H3 chunks without end"] = ($"{Ok}Transfer-Encoding: chunked\r\n\r\n", $"10000\r\n{Kilobytes(64)}\r\n", Delivered, 16 * 1024),
        ["H3 chunks of one byte without end"] = ($"{Ok}Transfer-Encoding: chunked\r\n\r\n", string.Concat(Enumerable.Repeat("1\r\nx\r\n", 5000)), Delivered, 16 * 1024),
        ["H3 ten gigabytes"] = ($"{Ok}Content-Length: 10000000000\r\n\r\n", Kilobytes(64), Delivered, 16 * 1024),
        ["H3 ten gigabytes of a failure"] = ("HTTP/1.1 500 No\r\nContent-Length: 10000000000\r\n\r\n", Kilobytes(64), HttpError, 16 * 1024),
        ["H3 ten gigabytes of a redirect"] = ("HTTP/1.1 302 No\r\nContent-Length: 10000000000\r\n\r\n", Kilobytes(64), Redirect, 16 * 1024),
        ["H3 a body without end after 204"] = ("HTTP/1.1 204 OK\r\n\r\n", Kilobytes(64), Delivered, 0),
        ["H8 100 without end"] = ("", string.Concat(Enumerable.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 1000)), HeadersTooLarge, 0),
        ["H8 102 without end"] = ("", string.Concat(Enumerable.Repeat("HTTP/1.1 102 Processing\r\n\r\n", 1000)), HeadersTooLarge, 0),
        ["H8 103 with headers without end"] = ("", string.Concat(Enumerable.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n", 1000)), HeadersTooLarge, 0),
        ["H10 a header of 64 KB"] = ($"{Ok}X: {Kilobytes(64)}\r\n\r\n", "", HeadersTooLarge, 0),
        ["H10 a header without end"] = ($"{Ok}X: ", Kilobytes(64), HeadersTooLarge, 0),
        ["H10 ten thousand headers"] = ($"{Ok}{string.Concat(Enumerable.Repeat("X-A: a\r\n", 10_000))}\r\n", "", HeadersTooLarge, 0),
        ["H10 headers without end"] = (Ok, string.Concat(Enumerable.Repeat("X-A: a\r\n", 10_000)), HeadersTooLarge, 0),
        ["H10 a header folded without end"] = ($"{Ok}X: x\r\n", string.Concat(Enumerable.Repeat(" x\r\n", 10_000)), HeadersTooLarge, 0),
        ["H10 a status line without end"] = ("HTTP/1.1 200 ", Kilobytes(64), HeadersTooLarge, 0),
        ["H10 17 KB of headers"] = ($"{Ok}X: {Kilobytes(17)}\r\n\r\n", "", HeadersTooLarge, 0),
        ["H11 trailers without end"] = ($"{Ok}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", string.Concat(Enumerable.Repeat("X-T: t\r\n", 10_000)), Delivered, -1),
        ["H11 a trailer without end"] = ($"{Ok}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: ", Kilobytes(64), Delivered, -1),
        ["H11 a chunk's extension without end"] = ($"{Ok}Transfer-Encoding: chunked\r\n\r\n5;x=", Kilobytes(64), Delivered, -1),
        ["H11 a chunk's length without end"] = ($"{Ok}Transfer-Encoding: chunked\r\n\r\n", new string('0', 64 * 1024), Delivered, -1),
    };

    [Theory]
    [MemberData(nameof(TooMuch))]
    public async Task It_is_cut_off(string row)
    {
        var (beginning, again, outcome, body) = Scripts[row];
        var bytes = Encoding.ASCII.GetBytes(again);
        await using var sender = Sender.Create();
        await using var receiver = new ScriptedReceiver(async visit =>
        {
            var request = await visit.RequestAsync();
            if (visit.Number > 1)
            {
                await visit.AnswerAsync(request!);
                return;
            }

            await visit.WriteAsync(beginning);
            if (bytes.Length > 0)
            {
                await visit.WriteWithoutEndAsync(bytes);
            }

            await visit.StallAsync();
        });

        // What a first request costs is not what this one does.
        _ = await sender.SendAsync("http://127.0.0.1:1/");
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var watch = Stopwatch.StartNew();

        var answer = await sender.SendAsync(receiver.Url, timeout: TimeSpan.FromSeconds(5));

        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        Assert.Equal((row, outcome), (row, answer.Outcome));
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, Sender.Longest);
        Assert.InRange(receiver.Written, 0, SystemBuffers);
        Assert.InRange(allocated, 0, 4 * 1024 * 1024);
        if (body >= 0)
        {
            Assert.Equal(body, answer.Body?.Length ?? 0);
        }

        Assert.InRange(answer.Body?.Length ?? 0, 0, 16 * 1024);

        // What comes after an answer that has no body is seen as soon as it is here; not even HTTP can tell what is on its way.
        await Until.TrueAsync(() => bytes.Length == 0 || receiver.Written > beginning.Length);
        await sender.NextIsUnharmedAsync(receiver.Url);
    }

    [Theory]
    [InlineData("H10 one header of 15 KB", 1, 15_000)]
    [InlineData("H10 a hundred headers of 150 bytes", 100, 150)]
    public async Task Of_headers_that_are_read_8_KB_are_kept(string row, int count, int length)
    {
        var lines = string.Concat(Enumerable.Range(0, count).Select(i => $"X-{i}: {new string('x', length - 8)}\r\n"));
        await using var sender = Sender.Create();
        await using var receiver = ScriptedReceiver.AnsweringOnce($"{Ok}Content-Length: 0\r\n{lines}\r\n");

        var answer = await sender.SendAsync(receiver.Url);

        Assert.Equal((row, Delivered), (row, answer.Outcome));
        Assert.InRange(answer.Headers!.Length, count == 1 ? 1 : 7 * 1024, 8 * 1024);
    }

    [Theory]
    [InlineData("H3 a body of exactly 16 KB", 16 * 1024, false)]
    [InlineData("H3 one byte more", (16 * 1024) + 1, true)]
    public async Task Of_bodies_16_KB_are_kept(string row, int length, bool isTruncated)
    {
        await using var sender = Sender.Create();
        await using var receiver = ScriptedReceiver.AnsweringOnce($"{Ok}{ScriptedReceiver.KeepOpen}Content-Length: {length}\r\n\r\n{new string('x', length)}");

        var answer = await sender.SendAsync(receiver.Url);

        Assert.Equal((row, 16 * 1024, isTruncated), (row, answer.Body!.Length, answer.IsTruncated));
        await sender.NextIsUnharmedAsync(receiver.Url);
    }

    [Theory]
    [InlineData("H4 gzip", "gzip")]
    [InlineData("H4 br", "br")]
    [InlineData("H4 deflate", "deflate")]
    [InlineData("H4 gzip twice", "gzip, gzip")]
    public async Task What_is_compressed_stays_so(string row, string encoding)
    {
        // 10 MB of nothing, in about 10 KB.
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            await gzip.WriteAsync(new byte[10 * 1024 * 1024], TestContext.Current.CancellationToken);
        }

        await using var sender = Sender.Create();
        await using var receiver = ScriptedReceiver.AnsweringOnce(
            $"{Ok}{ScriptedReceiver.KeepOpen}Content-Encoding: {encoding}\r\nContent-Length: {packed.Length}\r\n\r\n{Encoding.Latin1.GetString(packed.ToArray())}");
        _ = await sender.SendAsync("http://127.0.0.1:1/");
        var before = GC.GetTotalAllocatedBytes(precise: true);

        var answer = await sender.SendAsync(receiver.Url);

        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 2 * 1024 * 1024);
        Assert.Equal((row, Delivered), (row, answer.Outcome));
        Assert.Equal(packed.ToArray(), answer.Body);
        await sender.NextIsUnharmedAsync(receiver.Url);
    }

    private static string Kilobytes(int count) => new('x', count * 1024);
}
