using Microsoft.Extensions.Options;
using Webhooks.Embedded.Dispatching;
using Webhooks.Embedded.Egress;

namespace Webhooks.Embedded.DependencyInjection;

/// <summary>What the options must be, each by itself and together. Checked at the start and at every reload.</summary>
internal sealed class WebhooksOptionsValidator : IValidateOptions<WebhooksOptions>
{
    private static readonly TimeSpan MaxTimeout = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromDays(30);
    private const int MaxDelays = 100;

    public ValidateOptionsResult Validate(string? name, WebhooksOptions options)
    {
        var faults = new ValidateOptionsResultBuilder();

        Range(nameof(options.Timeout), options.Timeout, TimeSpan.FromMilliseconds(100), MaxTimeout);
        Range(nameof(options.LeaseDuration), options.LeaseDuration, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        Range(nameof(options.Concurrency), options.Concurrency, 1, 10_000);
        Range(nameof(options.ConcurrencyPerWebhook), options.ConcurrencyPerWebhook, 1, 10_000);
        Range(nameof(options.ConcurrencyPerTenant), options.ConcurrencyPerTenant ?? 1, 1, 10_000);
        Range(nameof(options.PollInterval), options.PollInterval, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
        Range(nameof(options.MaxPayloadBytes), options.MaxPayloadBytes, 1024, 64 * 1024 * 1024);
        Range(nameof(options.MaxWebhooksPerTenant), options.MaxWebhooksPerTenant, 0, 1_000_000);
        Range("Retry:Jitter", options.Retry.Jitter, 0.0, 1.0);
        Range("Breaker:Failures", options.Breaker.Failures, 0, 1000);
        Range("Breaker:MinPause", options.Breaker.MinPause, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        Range("Breaker:MaxPause", options.Breaker.MaxPause, options.Breaker.MinPause, TimeSpan.FromDays(1));
        Range("Retention:Log", options.Retention.Log, TimeSpan.Zero, TimeSpan.MaxValue);
        Range("Retention:Payload", options.Retention.Payload, TimeSpan.Zero, TimeSpan.MaxValue);

        if (options.DisableAfter != TimeSpan.Zero)
        {
            Range(nameof(options.DisableAfter), options.DisableAfter, TimeSpan.FromHours(1), TimeSpan.FromDays(365));
        }

        if (!Enum.IsDefined(options.Migrations))
        {
            faults.AddError($"Webhooks: Migrations is {options.Migrations}; it must be one of {string.Join(", ", Enum.GetNames<WebhookMigrationMode>())}.");
        }

        if (options.Timeout <= MaxTimeout && options.LeaseDuration < options.Timeout + AttemptRunner.LeaseBeyondTimeout)
        {
            faults.AddError(
                $"Webhooks: LeaseDuration is {options.LeaseDuration}, too short for Timeout ({options.Timeout}) and "
                + $"{AttemptRunner.LeaseBeyondTimeout.TotalSeconds:0} s for the wait in memory, the response's body and recording. Set it to {options.Timeout + AttemptRunner.LeaseBeyondTimeout} or more.");
        }

        if (options.Retry.Delays is not { Count: <= MaxDelays } delays)
        {
            faults.AddError($"Webhooks: Retry:Delays must be a list of at most {MaxDelays} delays.");
        }
        else
        {
            for (var i = 0; i < delays.Count; i++)
            {
                Range($"Retry:Delays:{i}", delays[i], TimeSpan.Zero, MaxDelay);
            }
        }

        foreach (var fault in EgressOptionRules.Check(options.Egress))
        {
            faults.AddError($"Webhooks: {fault}");
        }

        return faults.Build();

        void Range<T>(string option, T value, T min, T max)
            where T : IComparable<T>
        {
            if (value.CompareTo(min) < 0 || value.CompareTo(max) > 0)
            {
                faults.AddError($"Webhooks: {option} is {value}; it must be from {min} to {max}.");
            }
        }
    }
}
