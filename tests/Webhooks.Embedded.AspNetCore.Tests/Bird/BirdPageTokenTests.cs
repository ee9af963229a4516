using System.Globalization;
using System.Text;
using Webhooks.Embedded.AspNetCore.Bird;

namespace Webhooks.Embedded.AspNetCore.Tests.Bird;

public sealed class BirdPageTokenTests
{
    // The one of Bird's documentation.
    private const string Sample = "WzE3MzI1NTk1MTk2ODYsIjk3ZDdmOGY2LTc3N2EtNGY3ZC04NTYxLWFmMDJiZjFjN2I2MSJd";

    private static readonly BirdPageToken Token = new(
        DateTimeOffset.Parse("2024-11-25T18:31:59.686Z", CultureInfo.InvariantCulture), Guid.Parse("97d7f8f6-777a-4f7d-8561-af02bf1c7b61"));

    [Fact]
    public void It_is_written_as_Bird_writes_it() => Assert.Equal(Sample, Token.Write());

    [Fact]
    public void It_is_read_back() => Assert.Equal(Token, BirdPageToken.Read(Sample));

    [Fact]
    public void None_is_the_first_page() => Assert.Null(BirdPageToken.Read(null));

    [Theory]
    [InlineData(1)]
    [InlineData(12)]
    [InlineData(123)]
    public void It_is_read_with_and_without_padding_and_in_either_alphabet(int milliseconds)
    {
        var token = Token with { CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) };
        var text = token.Write();
        Assert.Equal(token, BirdPageToken.Read(text));
        Assert.Equal(token, BirdPageToken.Read(text.TrimEnd('=')));
        Assert.Equal(token, BirdPageToken.Read(text.TrimEnd('=').Replace('+', '-').Replace('/', '_')));
        Assert.Equal(token, BirdPageToken.Read(text.Replace('+', ' ')));
    }

    [Theory]
    [InlineData("")]
    [InlineData("%%%")]
    [InlineData("a")]
    [InlineData("text:nothing")]
    [InlineData("text:[]")]
    [InlineData("text:{}")]
    [InlineData("text:null")]
    [InlineData("text:[1732559519686]")]
    [InlineData("text:[1732559519686,\"x\"]")]
    [InlineData("text:[1732559519686,\"\\ud800\"]")]
    [InlineData("text:[\"1732559519686\",\"97d7f8f6-777a-4f7d-8561-af02bf1c7b61\"]")]
    [InlineData("text:[-1,\"97d7f8f6-777a-4f7d-8561-af02bf1c7b61\"]")]
    [InlineData("text:[1.5,\"97d7f8f6-777a-4f7d-8561-af02bf1c7b61\"]")]
    [InlineData("text:[9223372036854775807,\"97d7f8f6-777a-4f7d-8561-af02bf1c7b61\"]")]
    [InlineData("text:[1732559519686,\"97d7f8f6-777a-4f7d-8561-af02bf1c7b61\",1]")]
    [InlineData("text:[1732559519686,\"97d7f8f6-777a-4f7d-8561-af02bf1c7b61\"] x")]
    [InlineData("text:[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[")]
    public void What_is_none_is_refused(string text)
    {
        var given = text.StartsWith("text:", StringComparison.Ordinal) ? Convert.ToBase64String(Encoding.UTF8.GetBytes(text[5..])) : text;
        var refused = Assert.Throws<RefusedException>(() => BirdPageToken.Read(given));
        Assert.Equal(400, refused.Status);
        Assert.Contains("pageToken", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_is_too_long_is_refused() =>
        Assert.Throws<RefusedException>(() => BirdPageToken.Read(Convert.ToBase64String(Encoding.UTF8.GetBytes("[1," + new string(' ', 6000) + "\"x\"]"))));
}
