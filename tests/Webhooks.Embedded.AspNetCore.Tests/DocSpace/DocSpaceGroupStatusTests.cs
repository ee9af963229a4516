using Webhooks.Embedded.AspNetCore.DocSpace;

namespace Webhooks.Embedded.AspNetCore.Tests.DocSpace;

public sealed class DocSpaceGroupStatusTests
{
    private const WebhookAnswers NotSent = WebhookAnswers.NotAttempted | WebhookAnswers.NoAnswer;

    [Theory]
    [InlineData("None", WebhookAnswers.Any)]
    [InlineData("0", WebhookAnswers.Any)]
    [InlineData("NotSent", NotSent)]
    [InlineData("1", NotSent)]
    [InlineData("Pending", NotSent)]
    [InlineData("Status2xx", WebhookAnswers.Success)]
    [InlineData("2", WebhookAnswers.Success)]
    [InlineData("Succeeded", WebhookAnswers.Success)]
    [InlineData("Status3xx", WebhookAnswers.Redirect)]
    [InlineData("4", WebhookAnswers.Redirect)]
    [InlineData("Status4xx", WebhookAnswers.ClientError)]
    [InlineData("8", WebhookAnswers.ClientError)]
    [InlineData("Status5xx", WebhookAnswers.ServerError)]
    [InlineData("16", WebhookAnswers.ServerError)]
    [InlineData("Failed", WebhookAnswers.Failed)]
    [InlineData("failed", WebhookAnswers.Failed)]
    [InlineData("status4XX", WebhookAnswers.ClientError)]
    [InlineData("24", WebhookAnswers.ClientError | WebhookAnswers.ServerError)]
    [InlineData("31", WebhookAnswers.Failed | WebhookAnswers.Success | WebhookAnswers.NotAttempted)]
    [InlineData("Status4xx,Status5xx", WebhookAnswers.ClientError | WebhookAnswers.ServerError)]
    [InlineData(" Status4xx , 16 ", WebhookAnswers.ClientError | WebhookAnswers.ServerError)]
    [InlineData("None,Status2xx", WebhookAnswers.Success)]
    [InlineData("Failed,Pending", WebhookAnswers.Failed | WebhookAnswers.NotAttempted)]
    public void Accepts_names_numbers_and_lists(string text, WebhookAnswers expected)
    {
        Assert.True(DocSpaceGroupStatus.TryParse(text, out var answers));
        Assert.Equal(expected, answers);
    }

    [Theory]
    [InlineData("Broken")]
    [InlineData("32")]
    [InlineData("64")]
    [InlineData("-1")]
    [InlineData("+2")]
    [InlineData("2.0")]
    [InlineData("99999999999999999999")]
    [InlineData("Status2xx,")]
    [InlineData(",")]
    [InlineData("Status2xx,Broken")]
    [InlineData("Status2xx|Status3xx")]
    public void Refuses_what_is_neither(string text) => Assert.False(DocSpaceGroupStatus.TryParse(text, out _));
}
