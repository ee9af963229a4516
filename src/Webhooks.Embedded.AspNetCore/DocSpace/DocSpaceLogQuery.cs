using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Webhooks.Embedded.AspNetCore.DocSpace;

/// <summary>Reads the filters and the page of <c>webhooks/log</c>. What cannot be used is refused by its name, never ignored.</summary>
internal static class DocSpaceLogQuery
{
    public const int MaxCount = 100;

    // As far as the log can be paged by an offset.
    public const int MaxStartIndex = 100_000;

    // No trigger can have this name: a number that is no trigger's finds nothing, as by the equality that clients know.
    private const string NoTrigger = "?";

    /// <exception cref="WebhookValidationException">A parameter is not valid; every one that is not is listed.</exception>
    public static WebhookDeliveryQuery Read(IQueryCollection parameters, DocSpaceTriggers triggers)
    {
        var reader = new Reader(parameters);
        var trigger = reader.Whole("trigger", DocSpaceTriggers.All, long.MaxValue) ?? DocSpaceTriggers.All;
        var query = new WebhookDeliveryQuery
        {
            Limit = (int)(reader.Whole("count", 1, MaxCount) ?? MaxCount),
            Offset = (int)(reader.Whole("startIndex", 0, MaxStartIndex) ?? 0),
            WebhookId = reader.Whole("configId", long.MinValue, long.MaxValue),

            // A log's id, whatever the parameter is called.
            Ids = reader.Whole("eventId", long.MinValue, long.MaxValue) is { } id ? [id] : [],
            WebhookUrl = reader.Text("hookUri"),
            WebhookCreatedBy = reader.Text("userId"),
            Trigger = trigger == DocSpaceTriggers.All ? null : triggers.NameOf(trigger) ?? NoTrigger,
            AttemptedFrom = reader.Time("deliveryFrom"),
            AttemptedTo = reader.Time("deliveryTo"),
            Answers = reader.Answers("groupStatus"),
            IncludePayload = true,
        };
        return reader.Errors.Count == 0 ? query : throw new WebhookValidationException(reader.Errors);
    }

    private sealed class Reader(IQueryCollection parameters)
    {
        public List<WebhookFieldError> Errors { get; } = [];

        /// <summary>What was given; null where nothing was. What was given twice comes as a list with commas.</summary>
        public string? Text(string name) => parameters[name].ToString().Trim() is { Length: > 0 } text ? text : null;

        public long? Whole(string name, long min, long max)
        {
            var text = Text(name);
            if (text is null)
            {
                return null;
            }

            if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
                && value >= min
                && value <= max)
            {
                return value;
            }

            var range = (min, max) is (long.MinValue, long.MaxValue) ? "" : $" from {min} to {max}";
            Refuse(name, $"'{text}' is not a whole number{range}.");
            return null;
        }

        public DateTimeOffset? Time(string name)
        {
            var text = Text(name);
            if (text is null)
            {
                return null;
            }

            if (DocSpaceTime.TryParse(text, out var value))
            {
                return value;
            }

            Refuse(name, $"'{text}' is not a date and time such as 2026-01-31T18:30:00Z.");
            return null;
        }

        public WebhookAnswers Answers(string name)
        {
            var text = Text(name);
            if (text is null)
            {
                return WebhookAnswers.Any;
            }

            if (DocSpaceGroupStatus.TryParse(text, out var answers))
            {
                return answers;
            }

            Refuse(name, $"'{text}' is not made of {string.Join(", ", DocSpaceGroupStatus.Names.Keys)}, or of their numbers.");
            return WebhookAnswers.Any;
        }

        private void Refuse(string name, string message) => Errors.Add(new WebhookFieldError(name, "invalid", message));
    }
}
