using System.Text;
using Webhooks.Embedded.Publishing;

namespace Webhooks.Embedded.Tests.Publishing;

public sealed class PayloadSerializerTests
{
    [Fact]
    public void Objects_are_written_as_the_web_writes_them() =>
        Assert.Equal(
            """{"orderId":17,"paidAt":null}""",
            Encoding.UTF8.GetString(PayloadSerializer.Serialize(new { OrderId = 17, PaidAt = (string?)null }, typeof(object), 1000)));

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[1, 2]")]
    [InlineData("\"text\"")]
    [InlineData(""" { "a": 1e400, "a": -0.10 } """)]
    public void Json_is_taken_byte_for_byte(string json) =>
        Assert.Equal(json, Encoding.UTF8.GetString(PayloadSerializer.Check(Encoding.UTF8.GetBytes(json), 1000)));

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData("{\"a\":1,}")]
    [InlineData("// comment\n{}")]
    [InlineData("NaN")]
    public void What_is_not_one_json_value_is_refused(string json) =>
        Assert.Equal(
            ("payload", "invalid_json"),
            Fault(() => PayloadSerializer.Check(Encoding.UTF8.GetBytes(json), 1000)));

    [Fact]
    public void Bytes_that_are_not_utf8_and_depths_beyond_64_are_refused()
    {
        Assert.Equal("invalid_json", Fault(() => PayloadSerializer.Check(new byte[] { (byte)'"', 0xff, (byte)'"' }, 1000)).Code);
        Assert.Equal("invalid_json", Fault(() => PayloadSerializer.Check(Encoding.UTF8.GetBytes(new string('[', 65)), 1000)).Code);
        PayloadSerializer.Check(Encoding.UTF8.GetBytes(new string('[', 64) + new string(']', 64)), 1000);
    }

    [Fact]
    public void The_limit_is_in_bytes_and_inclusive()
    {
        var json = Encoding.UTF8.GetBytes("\"ééé\"");
        Assert.Equal(8, PayloadSerializer.Check(json, 8).Length);
        Assert.Equal("too_large", Fault(() => PayloadSerializer.Check(json, 7)).Code);
    }

    [Fact]
    public void The_callers_buffer_can_be_used_again()
    {
        var buffer = "{}"u8.ToArray();
        var payload = PayloadSerializer.Check(buffer, 10);
        buffer[0] = 0;
        Assert.Equal((byte)'{', payload[0]);
    }

    private static (string Field, string Code) Fault(Action action)
    {
        var error = Assert.Single(Assert.Throws<WebhookValidationException>(action).Errors);
        return (error.Field, error.Code);
    }
}
