using Webhooks.Embedded.AspNetCore.DocSpace;

namespace Webhooks.Embedded.AspNetCore.Tests.DocSpace;

public sealed class DocSpaceRetryTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    private readonly ScriptedDeliveries _deliveries = new();

    [Fact]
    public async Task Waits_until_there_is_one_attempt_more()
    {
        _deliveries.Add(1, attempts: 1, status: 500);
        _deliveries.AfterReads(3, () => _deliveries.Attempted(1, 200));

        var (result, retried) = await Retry(Long).OneAsync(_deliveries[1], TestContext.Current.CancellationToken);

        Assert.Equal(WebhookRetryResult.Queued, result);
        Assert.Equal(200, retried.Over[1].LastAttempt!.StatusCode);
        Assert.Empty(retried.Awaited);
    }

    [Fact]
    public async Task Joins_an_attempt_that_is_under_way()
    {
        _deliveries.Add(1, attempts: 1, status: 500);
        _deliveries.Results[1] = WebhookRetryResult.UnderWay;
        _deliveries.AfterReads(1, () => _deliveries.Attempted(1, 200));

        var (_, retried) = await Retry(Long).OneAsync(_deliveries[1], TestContext.Current.CancellationToken);

        Assert.Equal(200, retried.Over[1].LastAttempt!.StatusCode);
    }

    [Fact]
    public async Task Gives_up_waiting_when_the_time_is_over()
    {
        _deliveries.Add(1, attempts: 1, status: 500);

        var (result, retried) = await Retry(TimeSpan.FromMilliseconds(30)).OneAsync(_deliveries[1], TestContext.Current.CancellationToken);

        Assert.Equal(WebhookRetryResult.Queued, result);
        Assert.Empty(retried.Over);
        Assert.Equal([1], retried.Awaited);
    }

    [Fact]
    public async Task Does_not_wait_at_all_where_the_bound_is_zero()
    {
        _deliveries.Add(1, attempts: 1, status: 500);
        _deliveries.AfterReads(1, () => _deliveries.Attempted(1, 200));

        var (_, retried) = await Retry(TimeSpan.Zero).OneAsync(_deliveries[1], TestContext.Current.CancellationToken);

        Assert.Equal([1], retried.Awaited);
        Assert.Equal(0, _deliveries.Reads);
    }

    [Fact]
    public async Task Does_not_wait_for_what_cannot_be_retried()
    {
        _deliveries.Add(1, attempts: 1, status: 500);
        _deliveries.Results[1] = WebhookRetryResult.WebhookDisabled;

        var (result, retried) = await Retry(Long).OneAsync(_deliveries[1], TestContext.Current.CancellationToken);

        Assert.Equal(WebhookRetryResult.WebhookDisabled, result);
        Assert.Empty(retried.Awaited);
    }

    [Fact]
    public async Task Many_are_waited_for_together_and_each_comes_as_it_is_over()
    {
        _deliveries.Add(1, attempts: 1, status: 500);
        _deliveries.Add(2, attempts: 0, status: null);
        _deliveries.AfterReads(1, () => _deliveries.Attempted(2, 200));
        _deliveries.AfterReads(3, () => _deliveries.Attempted(1, 503));

        var retried = await Retry(Long).ManyAsync([_deliveries[1], _deliveries[2]], TestContext.Current.CancellationToken);

        Assert.Equal(503, retried.Over[1].LastAttempt!.StatusCode);
        Assert.Equal(200, retried.Over[2].LastAttempt!.StatusCode);
        Assert.Empty(retried.Awaited);
    }

    [Fact]
    public async Task Many_leave_alone_what_was_delivered_and_what_cannot_be_retried()
    {
        _deliveries.Add(1, attempts: 1, status: 204);
        _deliveries.Add(2, attempts: 1, status: 500);
        _deliveries.Results[2] = WebhookRetryResult.WebhookDeleted;

        var retried = await Retry(Long).ManyAsync([_deliveries[1], _deliveries[2]], TestContext.Current.CancellationToken);

        Assert.Equal([2], _deliveries.Retried);
        Assert.Empty(retried.Over);
        Assert.Empty(retried.Awaited);
    }

    private DocSpaceRetry Retry(TimeSpan bound) => new(_deliveries, TimeProvider.System, bound);

    /// <summary>A log in which things happen after a number of reads.</summary>
    private sealed class ScriptedDeliveries : IWebhookDeliveries
    {
        private readonly Dictionary<long, WebhookDelivery> _deliveries = [];
        private readonly List<(int Reads, Action Act)> _script = [];

        public Dictionary<long, WebhookRetryResult> Results { get; } = [];

        public List<long> Retried { get; } = [];

        public int Reads { get; private set; }

        public WebhookDelivery this[long id] => _deliveries[id];

        public IWebhookDeliveries ForTenant(string tenant) => this;

        public void AfterReads(int reads, Action act) => _script.Add((reads, act));

        public void Add(long id, int attempts, int? status) => _deliveries[id] = new WebhookDelivery
        {
            Id = id,
            EventId = Guid.Empty,
            Trigger = "order.paid",
            Tenant = "",
            WebhookId = 1,
            WebhookUid = Guid.Empty,
            WebhookName = "a",
            Status = WebhookDeliveryStatus.Retrying,
            Attempts = attempts,
            CreatedAt = DateTimeOffset.UnixEpoch,
            DueAt = null,
            FinishedAt = null,
            LastAttempt = attempts == 0 ? null : Attempt(id, attempts, status),
        };

        public void Attempted(long id, int status) => _deliveries[id] = _deliveries[id] with
        {
            Attempts = _deliveries[id].Attempts + 1,
            LastAttempt = Attempt(id, _deliveries[id].Attempts + 1, status),
        };

        public Task<IReadOnlyList<WebhookDelivery>> FindAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken = default)
        {
            Reads++;
            foreach (var (_, act) in _script.Where(step => step.Reads == Reads))
            {
                act();
            }

            return Task.FromResult<IReadOnlyList<WebhookDelivery>>([.. ids.Select(id => _deliveries[id])]);
        }

        public Task<WebhookCancelResult> CancelAsync(long id, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<IReadOnlyList<WebhookCancellation>> CancelAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public Task<WebhookRetryResult> RetryAsync(long id, CancellationToken cancellationToken = default)
        {
            Retried.Add(id);
            return Task.FromResult(Results.GetValueOrDefault(id, WebhookRetryResult.Queued));
        }

        public async Task<IReadOnlyList<WebhookRetry>> RetryAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken = default)
        {
            var results = new List<WebhookRetry>();
            foreach (var id in ids)
            {
                results.Add(new WebhookRetry(id, await RetryAsync(id, cancellationToken)));
            }

            return results;
        }

        public Task<WebhookDelivery?> FindAsync(long id, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<WebhookPage<WebhookDelivery>> ListAsync(WebhookDeliveryQuery query, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<int> CountAsync(WebhookDeliveryQuery query, int atMost = 10_000, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<IReadOnlyList<WebhookAttempt>> AttemptsAsync(long id, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        private static WebhookAttempt Attempt(long id, int number, int? status) => new()
        {
            DeliveryId = id,
            Number = number,
            StartedAt = DateTimeOffset.UnixEpoch,
            Duration = TimeSpan.Zero,
            Outcome = status is >= 200 and < 300 ? WebhookAttemptOutcome.Delivered : WebhookAttemptOutcome.HttpError,
            StatusCode = status,
            Error = null,
            Url = "https://example.com/",
            RequestHeaders = [],
            ResponseHeaders = [],
            ResponseBody = null,
            ResponseTruncated = false,
        };
    }
}
