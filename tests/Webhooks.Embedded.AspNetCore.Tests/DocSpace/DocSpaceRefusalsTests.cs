using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Webhooks.Embedded.AspNetCore.DocSpace;

namespace Webhooks.Embedded.AspNetCore.Tests.DocSpace;

public sealed class DocSpaceRefusalsTests
{
    [Fact]
    public async Task A_fault_of_ours_is_500_and_gives_nothing_away() => Assert.Equal(
        """{"error":{"message":"Something went wrong on the server. Its log says what."},"status":1,"statusCode":500}""",
        await AnswerAsync(new InvalidCastException("a secret detail")));

    [Theory]
    [InlineData(true, 503)]
    [InlineData(false, 500)]
    public async Task A_store_that_may_work_again_is_503(bool isTransient, int status)
    {
        var answer = await AnswerAsync(new WebhookStoreException("a secret detail", isTransient: isTransient));
        Assert.EndsWith($"\"status\":1,\"statusCode\":{status}}}", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_too_large_keeps_its_status() => Assert.Equal(
        """{"error":{"message":"The server refused the request or its body."},"status":1,"statusCode":413}""",
        await AnswerAsync(new BadHttpRequestException("Request body too large.", 413)));

    [Fact]
    public async Task What_the_registry_refuses_is_named_as_clients_know_it()
    {
        var answer = await AnswerAsync(new WebhookValidationException(
        [
            new("url", "invalid_url", "It is not a URL."),
            new("secret", "invalid_secret", "It is not a secret."),
            new("target", "too_long", "It is too long."),
            new("name", "too_long", "It is too long."),
            new("name", "invalid_character", "It is odd."),
        ]));
        Assert.Contains(
            """
            "errors":{"uri":["It is not a URL."],"secretKey":["It is not a secret."],"targetId":["It is too long."],"name":["It is too long.","It is odd."]}
            """,
            answer,
            StringComparison.Ordinal);
        Assert.Contains("\"message\":\"uri: It is not a URL. secretKey: It is not a secret.", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_webhook_that_others_keep_changing_is_409() => Assert.Equal(
        """{"error":{"message":"Others keep changing the webhook. Try again."},"status":1,"statusCode":409}""",
        await AnswerAsync(new WebhookChangedException(7, 8)));

    [Fact]
    public async Task A_client_that_is_gone_is_not_answered()
    {
        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();
        Assert.Equal("", await AnswerAsync(new OperationCanceledException(gone.Token), gone.Token));
    }

    private static async Task<string> AnswerAsync(Exception exception, CancellationToken aborted = default)
    {
        await using var services = new ServiceCollection().AddLogging().BuildServiceProvider();
        var http = new DefaultHttpContext { RequestAborted = aborted, RequestServices = services };
        using var body = new MemoryStream();
        http.Response.Body = body;
        var filter = new RefusalFilter(new DocSpaceRefusals());
        var answer = await filter.InvokeAsync(EndpointFilterInvocationContext.Create(http), _ => ValueTask.FromException<object?>(exception));
        await Assert.IsAssignableFrom<IResult>(answer).ExecuteAsync(http);
        return Encoding.UTF8.GetString(body.ToArray());
    }
}
