namespace Webhooks.Embedded.EndToEndTests.SeveralNodes;

/// <summary>What may come twice in a scenario.</summary>
/// <param name="Incidents">How many kills, stalls or losses one delivery may have met.</param>
/// <param name="Duplicates">How many more 2xx than deliveries there may be in all: incidents × what was under way.</param>
internal sealed record Bounds(int Incidents, int Duplicates)
{
    public static readonly Bounds ExactlyOnce = new(0, 0);
}

/// <summary>
/// Holds the publisher's log, the receiver's and the store against each other, after every scenario. The numbers are those of the
/// invariants that the library promises.
/// </summary>
internal sealed class Checker
{
    // Receivers tolerate five minutes. A node that is halted between signing and sending may come this late, and no clock may be this wrong.
    private static readonly TimeSpan FreshWithin = Scenario.Lease + TimeSpan.FromSeconds(5);

    private readonly List<string> _violations = [];
    private readonly IReadOnlyCollection<Publication> _publications;
    private readonly IReadOnlyDictionary<long, string> _webhooks;
    private readonly IReadOnlyCollection<Received> _requests;
    private readonly StoreContent _store;
    private readonly ILookup<(Guid Id, string Webhook), Received> _byDelivery;
    private readonly Dictionary<Guid, StoredEvent> _events;

    /// <param name="publications">What was tried to publish.</param>
    /// <param name="webhooks">The tenant of each webhook. Its requests come to the URL that ends with its tenant.</param>
    /// <param name="requests">What the receiver got.</param>
    /// <param name="store">What the store has.</param>
    public Checker(
        IReadOnlyCollection<Publication> publications,
        IReadOnlyDictionary<long, string> webhooks,
        IReadOnlyCollection<Received> requests,
        StoreContent store)
    {
        _publications = publications;
        _webhooks = webhooks;
        _requests = requests;
        _store = store;
        _byDelivery = requests.ToLookup(request => (request.Id, request.Webhook));
        _events = store.Events.ToDictionary(stored => stored.Uid);
    }

    /// <summary>2xx answers beyond the first of each delivery.</summary>
    public int Duplicates => _byDelivery.Sum(delivery => Math.Max(0, delivery.Count(IsSuccess) - 1));

    /// <summary>Acknowledged events × their webhooks without a 2xx that the receiver knows of.</summary>
    public int Lost { get; private set; }

    public IReadOnlyList<string> Check(Bounds bounds)
    {
        NothingAcknowledgedIsLost();
        NothingComesFromNowhere();
        DuplicatesAreBounded(bounds);
        WhatComesTwiceIsTheSame();
        EveryRequestIsInTheLog();
        EveryDeliveryIsInOnePlace();
        TenantsAreApart();
        NothingIsLeftBehind();
        return _violations;
    }

    // I1. An acknowledged event is stored, and every webhook of its tenant has a 2xx or a finished delivery that says otherwise.
    private void NothingAcknowledgedIsLost()
    {
        var deliveries = _store.Deliveries.ToLookup(delivery => delivery.EventId);
        foreach (var publication in _publications.Where(publication => publication.Outcome == PublicationOutcome.Ok))
        {
            var id = publication.EventId!.Value;
            Expect("I1", _events.TryGetValue(id, out var stored) && stored.BodyHash == publication.BodyHash, () => $"{publication} is not stored as it was published");
            foreach (var (webhook, tenant) in _webhooks.Where(webhook => webhook.Value == publication.Tenant))
            {
                var delivery = deliveries[id].SingleOrDefault(delivery => delivery.WebhookId == webhook);
                var isReceived = _byDelivery[(id, tenant)].Any(IsSuccess);
                Lost += isReceived ? 0 : 1;
                Expect("I1", delivery is not null, () => $"{publication} has no delivery to webhook {webhook}");
                Expect("I1", isReceived || delivery?.Status is not (null or (int)WebhookDeliveryStatus.Delivered), () => $"{publication} never came: {delivery}");
            }
        }

        foreach (var publication in _publications)
        {
            Expect("I1", publication.Outcome is not PublicationOutcome.Untyped and not PublicationOutcome.NoAnswer, () => $"{publication} got no answer that an app can use");
        }
    }

    // I2. What came was published, and no more than once, with these bytes. What was rolled back never was.
    private void NothingComesFromNowhere()
    {
        var byNumber = _publications.ToDictionary(publication => publication.Number);
        foreach (var stored in _store.Events)
        {
            Expect("I2", byNumber.TryGetValue(stored.Number, out var known) && known.BodyHash == stored.BodyHash, () => $"event {stored.Uid} was never published");
            Expect("I2", known is not { IsRolledBack: true }, () => $"{known} is stored, and was to be rolled back");
        }

        foreach (var numbered in _store.Events.GroupBy(stored => stored.Number).Where(numbered => numbered.Count() > 1))
        {
            Expect("I2", false, () => $"publication {numbered.Key} was stored {numbered.Count()} times");
        }

        foreach (var request in _requests)
        {
            Expect("I2", _events.ContainsKey(request.Id), () => $"the receiver got event {request.Id}, which is not stored");
        }
    }

    // I3. Once, and once more for each thing that went wrong, with what was under way then.
    private void DuplicatesAreBounded(Bounds bounds)
    {
        foreach (var delivery in _byDelivery)
        {
            var successes = delivery.Count(IsSuccess);
            Expect("I3", successes <= 1 + bounds.Incidents, () => $"event {delivery.Key.Id} was received {successes} times for {bounds.Incidents} incidents");
        }

        Expect("I3", Duplicates <= bounds.Duplicates, () => $"{Duplicates} came twice, {bounds.Duplicates} may");
    }

    // I4. The same bytes, signed, with a time that is right by the clock of the store, which is this machine's.
    private void WhatComesTwiceIsTheSame()
    {
        foreach (var request in _requests)
        {
            Expect("I4", request.Verification.IsValid, () => $"event {request.Id} came with no valid signature: {request.Verification.Message}");
            Expect("I4", !_events.TryGetValue(request.Id, out var stored) || stored.Payload.AsSpan().SequenceEqual(request.Body), () => $"event {request.Id} came with other bytes");
            var age = request.At - DateTimeOffset.FromUnixTimeSeconds(request.Timestamp);
            Expect("I4", age > -FreshWithin && age < FreshWithin, () => $"event {request.Id} came with a time that is {age} old");
        }
    }

    // I5. Every request that came is an attempt in the log, and what is finished as delivered did come.
    private void EveryRequestIsInTheLog()
    {
        foreach (var delivery in _store.Deliveries)
        {
            var came = _byDelivery[(delivery.EventId, delivery.Tenant)].ToArray();
            var attempts = _store.Attempts[delivery.Id].ToArray();
            Expect("I5", attempts.Length >= came.Length, () => $"{came.Length} requests came, and the log has {attempts.Length} attempts: {delivery}");
            Expect("I5", attempts.Select(attempt => attempt.Number).SequenceEqual(Enumerable.Range(1, delivery.Attempts)), () => $"the attempts are not numbered through: {delivery}");
            Expect("I5", delivery.Status != (int)WebhookDeliveryStatus.Delivered || came.Any(IsSuccess), () => $"finished as delivered, and never came: {delivery}");

            // The time in a request is when its attempt started. One whose node died is shown with the time of its claim.
            var known = attempts.Where(attempt => !attempt.IsInterrupted).Select(attempt => attempt.StartedAt / 1000).ToArray();
            var unknown = came.Count(request => !known.Contains(request.Timestamp));
            Expect("I5", unknown <= attempts.Count(attempt => attempt.IsInterrupted), () => $"{unknown} requests came at times that the log does not show: {delivery}");
        }
    }

    // I6. One delivery for each event and webhook, queued or finished.
    private void EveryDeliveryIsInOnePlace()
    {
        foreach (var twice in _store.Deliveries.GroupBy(delivery => delivery.Id).Where(same => same.Count() > 1))
        {
            Expect("I6", false, () => $"both queued and finished: {string.Join(" and ", twice)}");
        }

        foreach (var twice in _store.Deliveries.GroupBy(delivery => (delivery.EventId, delivery.WebhookId)).Where(same => same.Count() > 1))
        {
            Expect("I6", false, () => $"two deliveries of one event to one webhook: {string.Join(" and ", twice)}");
        }
    }

    // I7. A webhook gets events of its own tenant only.
    private void TenantsAreApart()
    {
        foreach (var delivery in _store.Deliveries)
        {
            Expect("I7", !_events.TryGetValue(delivery.EventId, out var stored) || stored.Tenant == delivery.Tenant, () => $"another tenant's: {delivery}");
        }

        foreach (var request in _requests)
        {
            Expect("I7", !_events.TryGetValue(request.Id, out var stored) || stored.Tenant == request.Webhook, () => $"event {request.Id} came to tenant {request.Webhook}");
        }
    }

    // I8. With everything quiet, nothing is leased, nothing waits, and nothing has come back to the queue.
    private void NothingIsLeftBehind()
    {
        foreach (var delivery in _store.Deliveries.Where(delivery => delivery.Status is null))
        {
            Expect("I8", false, () => $"in the queue at the end: {delivery}");
        }
    }

    private static bool IsSuccess(Received request) => request.Status is >= 200 and < 300;

    private void Expect(string invariant, bool holds, Func<string> violation)
    {
        if (!holds)
        {
            _violations.Add($"{invariant}: {violation()}");
        }
    }
}
