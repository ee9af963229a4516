using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Tests.Storage;

public sealed class HeaderLinesTests
{
    [Fact]
    public void Headers_are_read_as_they_were_written_doubled_ones_too()
    {
        using var response = new HttpResponseMessage();
        Assert.True(response.Headers.TryAddWithoutValidation("A", ["1", "x: y"]));
        Assert.True(response.Content.Headers.TryAddWithoutValidation("B", ""));

        var lines = HeaderLines.Write(response.Headers.NonValidated, response.Content.Headers.NonValidated);

        Assert.Equal([KeyValuePair.Create("A", "1"), KeyValuePair.Create("A", "x: y"), KeyValuePair.Create("B", "")], HeaderLines.Read(lines));
    }

    [Fact]
    public void What_goes_beyond_8_KB_is_left_out_whole()
    {
        using var response = new HttpResponseMessage();
        Assert.All(Enumerable.Range(0, 100), i => Assert.True(response.Headers.TryAddWithoutValidation($"h{i}", new string('v', 200))));

        var lines = HeaderLines.Write(response.Headers.NonValidated);

        Assert.InRange(lines.Length, 7000, 8192);
        Assert.All(HeaderLines.Read(lines), header => Assert.Equal(200, header.Value.Length));
    }

    [Theory]
    [InlineData("Content-Length", "0")]
    [InlineData("Date", "Sun, 22 Nov 2026 10:00:00 GMT")]
    [InlineData("X-Powered-By", "")]
    public void A_name_that_most_answers_have_takes_one_character(string name, string value)
    {
        using var response = new HttpResponseMessage();
        Assert.True(response.Headers.TryAddWithoutValidation(name, value) || response.Content.Headers.TryAddWithoutValidation(name, value));

        var lines = HeaderLines.Write(response.Headers.NonValidated, response.Content.Headers.NonValidated);

        Assert.Equal(1 + value.Length + 1, lines.Length);
        Assert.Equal([KeyValuePair.Create(name, value)], HeaderLines.Read(lines));
    }

    [Fact]
    public void A_value_is_kept_as_it_is_also_one_that_begins_with_what_stands_for_a_name()
    {
        using var response = new HttpResponseMessage();
        Assert.True(response.Headers.TryAddWithoutValidation("Server", "(a)"));
        Assert.True(response.Headers.TryAddWithoutValidation("X-Other", "{} \u0085\u2028\f"));

        var headers = HeaderLines.Read(HeaderLines.Write(response.Headers.NonValidated));

        Assert.Equal([KeyValuePair.Create("Server", "(a)"), KeyValuePair.Create("X-Other", "{} \u0085\u2028\f")], headers);
    }

    [Fact]
    public void Short_names_do_not_make_room_for_more_than_is_said()
    {
        using var response = new HttpResponseMessage();
        Assert.True(response.Headers.TryAddWithoutValidation("Strict-Transport-Security", Enumerable.Repeat("x", 560)));

        var headers = HeaderLines.Read(HeaderLines.Write(response.Headers.NonValidated));

        Assert.InRange(headers.Sum(header => header.Key.Length + header.Value.Length + 3), 8000, 8192);
    }

    [Fact]
    public void What_was_written_before_is_read()
    {
        // The characters stand for these names in every store that there is.
        Assert.Equal(
            [
                "Content-Length", "Content-Type", "Date", "Server", "Connection", "Keep-Alive", "Transfer-Encoding", "Cache-Control", "ETag", "Vary",
                "Set-Cookie", "Strict-Transport-Security", "X-Content-Type-Options", "X-Frame-Options", "X-Powered-By",
            ],
            "(),/:;<=>?@[]{}".Select(code => HeaderLines.Read($"{code}v\n").Single().Key));
        Assert.Equal([KeyValuePair.Create("Content-Length", "0")], HeaderLines.Read("Content-Length: 0\n"));
    }

    [Fact]
    public void What_is_no_header_is_shown_as_it_is() =>
        Assert.Equal([KeyValuePair.Create("nonsense", ""), KeyValuePair.Create("A", "1")], HeaderLines.Read("nonsense\nA: 1\n"));

    [Fact]
    public void Nothing_is_read_from_nothing() => Assert.Empty(HeaderLines.Read(null));
}
