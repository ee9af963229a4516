using Webhooks.Embedded.Dispatching;

namespace Webhooks.Embedded.Tests.Dispatching;

public sealed class RetryAfterTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("5", 5)]
    [InlineData(" 120 ", 120)]
    [InlineData("0", 0)]
    [InlineData("007", 7)]
    [InlineData("3600", 3600)]
    [InlineData("Thu, 01 Jan 2026 12:01:30 GMT", 90)]
    public void Seconds_and_http_dates_are_understood(string value, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Read(value));

    [Theory]
    [InlineData("3601")]
    [InlineData("2147483648")]
    [InlineData("99999999999")]
    [InlineData("1000000000000000000000000000000000000000000")]
    [InlineData("Thu, 01 Jan 2026 13:00:01 GMT")]
    [InlineData("Fri, 31 Dec 9999 23:59:59 GMT")]
    public void Whoever_asks_for_more_than_an_hour_gets_an_hour(string value) => Assert.Equal(RetryAfter.Max, Read(value));

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("+5")]
    [InlineData("1.5")]
    [InlineData("1e300")]
    [InlineData("inf")]
    [InlineData("NaN")]
    [InlineData("-0")]
    [InlineData("5, 10")]
    [InlineData("5;")]
    [InlineData("0x5")]
    [InlineData("٥")]
    [InlineData("soon")]
    [InlineData("Thu, 01 Jan 2026 11:59:59 GMT")]
    [InlineData("2026-01-01T12:01:30Z")]
    public void Anything_else_says_nothing(string value) => Assert.Null(Read(value));

    [Fact]
    public void Two_values_say_nothing()
    {
        using var response = new HttpResponseMessage();
        response.Headers.TryAddWithoutValidation("Retry-After", ["5", "10"]);
        Assert.Null(RetryAfter.Read(response.Headers, Now));
    }

    private static TimeSpan? Read(string value)
    {
        using var response = new HttpResponseMessage();
        response.Headers.TryAddWithoutValidation("Retry-After", value);
        return RetryAfter.Read(response.Headers, Now);
    }
}
