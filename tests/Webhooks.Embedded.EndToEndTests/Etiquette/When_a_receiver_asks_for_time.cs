namespace Webhooks.Embedded.EndToEndTests.Etiquette;

/// <summary>H15: the header <c>Retry-After</c> as it comes over the wire.</summary>
public sealed class When_a_receiver_asks_for_time
{
    [Theory]
    [InlineData("H15 seconds", "Retry-After: 5\r\n", 5)]
    [InlineData("H15 seconds, with spaces", "Retry-After:   5  \r\n", 5)]
    [InlineData("H15 lower case", "retry-after: 5\r\n", 5)]
    [InlineData("H15 nothing to wait for", "Retry-After: 0\r\n", 0)]
    [InlineData("H15 negative", "Retry-After: -1\r\n", null)]
    [InlineData("H15 a fraction", "Retry-After: 1.5\r\n", null)]
    [InlineData("H15 an exponent", "Retry-After: 1e300\r\n", null)]
    [InlineData("H15 infinity", "Retry-After: inf\r\n", null)]
    [InlineData("H15 not a number", "Retry-After: NaN\r\n", null)]
    [InlineData("H15 three thousand years", "Retry-After: 99999999999\r\n", 3600)]
    [InlineData("H15 empty", "Retry-After:\r\n", null)]
    [InlineData("H15 two headers", "Retry-After: 5\r\nRetry-After: 10\r\n", null)]
    [InlineData("H15 two values", "Retry-After: 5, 10\r\n", null)]
    [InlineData("H15 garbage", "Retry-After: soon\r\n", null)]
    [InlineData("H15 a date that is past", "Retry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\n", null)]
    [InlineData("H15 a date far ahead", "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT\r\n", 3600)]
    [InlineData("H15 a date of another form", "Retry-After: 9999-12-31T23:59:59Z\r\n", null)]
    [InlineData("H15 none", "", null)]
    public async Task What_is_understood_is_taken_up_to_an_hour_and_the_rest_says_nothing(string row, string header, int? seconds)
    {
        await using var sender = Sender.Create();
        foreach (var status in new[] { 429, 503 })
        {
            await using var receiver = ScriptedReceiver.AnsweringOnce($"HTTP/1.1 {status} X\r\n{header}Content-Length: 0\r\n\r\n");

            var answer = await sender.SendAsync(receiver.Url);

            Assert.Equal((row, status, seconds), (row, answer.StatusCode!.Value, (int?)answer.RetryAfter?.TotalSeconds));
        }
    }

    [Fact]
    public async Task H15_a_date_is_as_far_away_as_it_is()
    {
        await using var sender = Sender.Create();
        await using var receiver = ScriptedReceiver.AnsweringOnce(
            $"HTTP/1.1 503 X\r\nRetry-After: {DateTimeOffset.UtcNow.AddMinutes(10):r}\r\nContent-Length: 0\r\n\r\n");

        var answer = await sender.SendAsync(receiver.Url);

        Assert.InRange(answer.RetryAfter!.Value, TimeSpan.FromMinutes(9.8), TimeSpan.FromMinutes(10));
    }
}
