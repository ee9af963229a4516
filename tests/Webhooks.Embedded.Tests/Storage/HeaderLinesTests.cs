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

    [Fact]
    public void Nothing_is_read_from_nothing() => Assert.Empty(HeaderLines.Read(null));
}
