namespace Webhooks.Embedded.Storage;

/// <summary>An operation as it is stored.</summary>
internal sealed class OperationRow
{
    public const string Columns =
        """
        o.id as Id, o.uid as Uid, o.tenant as Tenant, o.kind as Kind, o.status as Status, o.lease_seq as LeaseSequence, o.rate as Rate,
        o.before_id as BeforeId, o.matched as Matched, o.matched_is_at_least as MatchedIsAtLeast, o.done as Done, o.under_way as UnderWay,
        o.webhook_disabled as WebhookDisabled, o.webhook_deleted as WebhookDeleted, o.payload_expired as PayloadExpired,
        o.already_finished as AlreadyFinished, o.gone as Gone, o.created_at as CreatedAt, o.updated_at as UpdatedAt, o.finished_at as FinishedAt,
        o.created_by as CreatedBy, o.filter as Filter, o.error as Error
        """;

    public long Id { get; init; }

    public object Uid { get; init; } = "";

    public string? Tenant { get; init; }

    public int Kind { get; init; }

    public int Status { get; init; }

    public long LeaseSequence { get; init; }

    public int Rate { get; init; }

    public long BeforeId { get; init; }

    public int Matched { get; init; }

    public bool MatchedIsAtLeast { get; init; }

    public int Done { get; init; }

    public int UnderWay { get; init; }

    public int WebhookDisabled { get; init; }

    public int WebhookDeleted { get; init; }

    public int PayloadExpired { get; init; }

    public int AlreadyFinished { get; init; }

    public int Gone { get; init; }

    public long CreatedAt { get; init; }

    public long UpdatedAt { get; init; }

    public long? FinishedAt { get; init; }

    public string? CreatedBy { get; init; }

    public string Filter { get; init; } = "";

    public string? Error { get; init; }

    public WebhookOperation ToOperation() => new()
    {
        Id = SqlDialect.ToGuid(Uid),
        Kind = (WebhookOperationKind)Kind,
        Status = (WebhookOperationStatus)Status,
        Tenant = Tenant,
        Query = StoredQuery.Read(Filter),
        Rate = Rate,
        CreatedBy = CreatedBy,
        CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt),
        UpdatedAt = DateTimeOffset.FromUnixTimeMilliseconds(UpdatedAt),
        FinishedAt = FinishedAt is { } finishedAt ? DateTimeOffset.FromUnixTimeMilliseconds(finishedAt) : null,
        Matched = Matched,
        MatchedIsAtLeast = MatchedIsAtLeast,
        Done = Done,
        Skipped = new WebhookOperationSkips
        {
            UnderWay = UnderWay,
            WebhookDisabled = WebhookDisabled,
            WebhookDeleted = WebhookDeleted,
            PayloadExpired = PayloadExpired,
            AlreadyFinished = AlreadyFinished,
            Gone = Gone,
        },
        Error = Error,
    };
}
