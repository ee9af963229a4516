using System.Diagnostics.CodeAnalysis;

namespace Webhooks.Embedded;

/// <summary>One thing that is wrong with an input.</summary>
/// <param name="Field">The field at fault, in camelCase as JSON has it: <c>url</c>, <c>triggers</c>, <c>payload</c>.</param>
/// <param name="Code">A stable, machine-readable reason, such as <c>required</c>, <c>too_long</c> or <c>unknown_trigger</c>.</param>
/// <param name="Message">What is wrong and how to mend it.</param>
public sealed record WebhookFieldError(string Field, string Code, string Message);

/// <summary>The input was refused and nothing was stored. Every fault found is listed.</summary>
public sealed class WebhookValidationException : ArgumentException
{
    /// <summary>Creates the exception from what is wrong.</summary>
    /// <param name="errors">At least one fault.</param>
    public WebhookValidationException(IReadOnlyList<WebhookFieldError> errors)
        : base(Describe(errors)) => Errors = errors;

    /// <summary>Creates the exception from one fault.</summary>
    /// <param name="field">The field at fault, in camelCase.</param>
    /// <param name="code">A stable, machine-readable reason.</param>
    /// <param name="message">What is wrong and how to mend it.</param>
    public WebhookValidationException(string field, string code, string message)
        : this([new WebhookFieldError(field, code, message)])
    {
    }

    /// <summary>Every fault that was found.</summary>
    public IReadOnlyList<WebhookFieldError> Errors { get; }

    private static string Describe(IReadOnlyList<WebhookFieldError> errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        return string.Join(" ", errors.Select(error => $"{error.Field}: {error.Message}"));
    }
}

/// <summary>An idempotency key was used before, for an event with another trigger or payload. Nothing was stored.</summary>
/// <param name="key">The key.</param>
/// <param name="existingEventId">The event that has it.</param>
[SuppressMessage("Naming", "CA1710", Justification = "It is an exception.")]
public sealed class WebhookIdempotencyConflictException(string key, Guid existingEventId)
    : InvalidOperationException(
        $"The idempotency key '{key}' belongs to event {existingEventId}, which has another trigger or payload. Use a new key for a new event.")
{
    /// <summary>The event that has the key.</summary>
    public Guid ExistingEventId { get; } = existingEventId;
}

/// <summary>An idempotency key was used before, for an operation of another kind or with another query. Nothing was started.</summary>
/// <param name="key">The key.</param>
/// <param name="existingOperationId">The operation that has it.</param>
[SuppressMessage("Naming", "CA1710", Justification = "It is an exception.")]
public sealed class WebhookOperationConflictException(string key, Guid existingOperationId)
    : InvalidOperationException(
        $"The idempotency key '{key}' belongs to operation {existingOperationId}, which has another kind or filter. Use a new key for a new operation.")
{
    /// <summary>The operation that has the key.</summary>
    public Guid ExistingOperationId { get; } = existingOperationId;
}

/// <summary>A webhook was changed since it was read. Nothing was stored.</summary>
/// <param name="id">The webhook's number.</param>
/// <param name="version">The version it has now.</param>
public sealed class WebhookChangedException(long id, long version)
    : InvalidOperationException($"Webhook {id} was changed since it was read; it has version {version} now. Read it again, then change it.")
{
    /// <summary>The version the webhook has now.</summary>
    public long Version { get; } = version;
}

/// <summary>A webhook is disabled, and what was asked needs one that is enabled. Nothing was stored.</summary>
/// <param name="id">The webhook's number.</param>
public sealed class WebhookDisabledException(long id)
    : InvalidOperationException($"Webhook {id} is disabled. Enable it first.")
{
    /// <summary>The webhook's number.</summary>
    public long WebhookId { get; } = id;
}

/// <summary>A webhook's secret cannot be read on this node at the moment, because the keys that it was protected with are missing.</summary>
/// <param name="id">The webhook's number.</param>
public sealed class WebhookSecretUnreadableException(long id)
    : InvalidOperationException(
        $"The secret of webhook {id} cannot be read: the keys that it was protected with are missing. Bring them back, or rotate the secret.")
{
    /// <summary>The webhook's number.</summary>
    public long WebhookId { get; } = id;
}

/// <summary>The store could not do what was asked.</summary>
/// <param name="message">What could not be done, and why.</param>
/// <param name="innerException">The driver's exception.</param>
/// <param name="isTransient">Whether trying again later may work.</param>
public sealed class WebhookStoreException(string message, Exception? innerException = null, bool isTransient = false)
    : Exception(message, innerException)
{
    /// <summary>Whether trying again later may work: the store was busy, full, or out of reach.</summary>
    public bool IsTransient { get; } = isTransient;
}
