using Webhooks.Embedded.Signing;

namespace Webhooks.Embedded.Storage;

/// <summary>A webhook as its row has it.</summary>
internal sealed class WebhookRow
{
    /// <summary>The columns, of the table called <c>w</c>.</summary>
    public const string Columns =
        """
        w.id as Id, w.uid as Uid, w.tenant as Tenant, w.name as Name, w.url as Url, w.url_number as UrlNumber, w.triggers as Triggers, w.target as Target,
        w.filters as Filters, w.signature_profile as SignatureProfile, w.metadata as Metadata, w.secret_hint as SecretHint, w.version as Version,
        w.enabled as Enabled, w.disabled_reason as DisabledReason, w.verify_tls as VerifyTls, w.timeout_ms as TimeoutMs,
        w.retry_delays as RetryDelays, w.rate_limit as RateLimit, w.headers as Headers, w.created_by as CreatedBy,
        w.created_at as CreatedAt, w.updated_at as UpdatedAt, w.last_success_at as LastSuccessAt, w.last_failure_at as LastFailureAt,
        w.last_failure as LastFailure, w.last_status_code as LastStatusCode, w.failures as Failures, w.failing_since as FailingSince,
        w.breaker as Breaker, w.paused_until as PausedUntil, w.pause_reason as PauseReason
        """;

    public long Id { get; init; }

    public object Uid { get; init; } = "";

    public string Tenant { get; init; } = "";

    public string Name { get; init; } = "";

    public string Url { get; init; } = "";

    public int UrlNumber { get; init; }

    public string Triggers { get; init; } = "";

    public string? Target { get; init; }

    public string? Filters { get; init; }

    public string? SignatureProfile { get; init; }

    public string? Metadata { get; init; }

    public string SecretHint { get; init; } = "";

    public long Version { get; init; }

    public bool Enabled { get; init; }

    public string? DisabledReason { get; init; }

    public bool VerifyTls { get; init; }

    public int? TimeoutMs { get; init; }

    public string? RetryDelays { get; init; }

    public int? RateLimit { get; init; }

    public string? Headers { get; init; }

    public string? CreatedBy { get; init; }

    public long CreatedAt { get; init; }

    public long UpdatedAt { get; init; }

    public long? LastSuccessAt { get; init; }

    public long? LastFailureAt { get; init; }

    public string? LastFailure { get; init; }

    public int? LastStatusCode { get; init; }

    public int Failures { get; init; }

    public long? FailingSince { get; init; }

    public int Breaker { get; init; }

    public long? PausedUntil { get; init; }

    public int? PauseReason { get; init; }

    /// <param name="disableAfter"><see cref="WebhooksOptions.DisableAfter"/>.</param>
    /// <param name="now">Store time: a pause that is over is none.</param>
    public Webhook ToWebhook(TimeSpan disableAfter, long now) => new()
    {
        Id = Id,
        Uid = SqlDialect.ToGuid(Uid),
        Tenant = Tenant,
        Name = Name,
        Url = Url,
        Triggers = Triggers.Split(' '),
        Target = Target,
        Filters = StoredFilters.Read(Filters),
        SignatureProfile = SignatureProfile,
        Metadata = Metadata,
        SecretHint = SecretHint,
        Version = Version,
        Enabled = Enabled,
        DisabledReason = DisabledReason,
        VerifyTls = VerifyTls,
        Timeout = StoredTime.ReadSpan(TimeoutMs),
        RetryDelays = StoredTime.ReadSpans(RetryDelays),
        RateLimit = RateLimit,
        HeaderNames = StoredHeaders.Names(Headers),
        CreatedBy = CreatedBy,
        CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt),
        UpdatedAt = DateTimeOffset.FromUnixTimeMilliseconds(UpdatedAt),
        LastSuccessAt = StoredTime.Read(LastSuccessAt),
        LastFailureAt = StoredTime.Read(LastFailureAt),
        LastFailure = LastFailure,
        LastStatusCode = LastStatusCode,
        Health = new WebhookHealth
        {
            Breaker = (WebhookBreakerState)Breaker,
            PausedUntil = PausedUntil > now ? StoredTime.Read(PausedUntil) : null,
            PauseReason = PausedUntil > now ? (WebhookPauseReason?)PauseReason : null,
            Failures = Failures,
            FailingSince = StoredTime.Read(FailingSince),
            DisabledAt = Enabled && disableAfter > TimeSpan.Zero ? StoredTime.Read(FailingSince) + disableAfter : null,
        },
    };

    public KnownWebhook ToKnown(IEnumerable<SecretRow> secrets, SecretVault vault) => new()
    {
        Id = Id,
        Tenant = Tenant,
        Url = new Uri(Url),
        UrlNumber = UrlNumber,
        Patterns = Triggers.Split(' '),
        Target = Target,
        Filters = StoredFilters.Read(Filters),
        SignatureProfile = SignatureProfile,
        Enabled = Enabled,
        VerifyTls = VerifyTls,
        Timeout = StoredTime.ReadSpan(TimeoutMs),
        RetryDelays = StoredTime.ReadSpans(RetryDelays),
        RateLimit = RateLimit,

        Secrets = [.. secrets.Select(secret => new KnownSecret(secret.Secret, secret.ExpiresAt, vault))],
        Headers = StoredHeaders.Read(Headers, vault),
    };
}
