using System.Globalization;

namespace Webhooks.Embedded.AspNetCore.DocSpace;

/// <summary>
/// The filter <c>groupStatus</c>: names, numbers, or a list of both with commas, combined as or. <c>NotSent</c> is what a row shows as
/// status 0, which is a delivery never attempted as well as one that got no answer.
/// </summary>
internal static class DocSpaceGroupStatus
{
    private const WebhookAnswers NotSent = WebhookAnswers.NotAttempted | WebhookAnswers.NoAnswer;

    public static readonly IReadOnlyDictionary<string, WebhookAnswers> Names =
        new Dictionary<string, WebhookAnswers>(StringComparer.OrdinalIgnoreCase)
        {
            ["None"] = WebhookAnswers.Any,
            ["NotSent"] = NotSent,
            ["Status2xx"] = WebhookAnswers.Success,
            ["Status3xx"] = WebhookAnswers.Redirect,
            ["Status4xx"] = WebhookAnswers.ClientError,
            ["Status5xx"] = WebhookAnswers.ServerError,

            // DocSpace's documentation sends `Failed`, which its server never knew; the other two are its natural counterparts.
            ["Failed"] = WebhookAnswers.Failed,
            ["Succeeded"] = WebhookAnswers.Success,
            ["Pending"] = NotSent,
        };

    private static readonly WebhookAnswers[] Bits =
        [NotSent, WebhookAnswers.Success, WebhookAnswers.Redirect, WebhookAnswers.ClientError, WebhookAnswers.ServerError];

    public static bool TryParse(string text, out WebhookAnswers answers)
    {
        answers = WebhookAnswers.Any;
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (Names.TryGetValue(part, out var named))
            {
                answers |= named;
            }
            else if (int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < 1 << Bits.Length)
            {
                answers |= Bits.Where((_, bit) => (number & (1 << bit)) != 0).Aggregate(WebhookAnswers.Any, (all, one) => all | one);
            }
            else
            {
                return false;
            }
        }

        return true;
    }
}
