using System.Diagnostics.Metrics;

namespace Webhooks.Embedded.Telemetry;

/// <summary>The instruments of the meter <c>Webhooks.Embedded</c>. Every tag has few values.</summary>
internal sealed class WebhookMetrics
{
    public const string MeterName = "Webhooks.Embedded";

    private readonly Counter<long> _eventsPublished;
    private readonly Histogram<double> _attemptDuration;
    private readonly Counter<long> _leasesLost;
    private readonly Counter<long> _breakersOpened;
    private readonly Counter<long> _reconnected;
    private readonly Histogram<long> _batchSize;

    public WebhookMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _eventsPublished = meter.CreateCounter<long>("webhooks.events.published", "{event}", "Events stored; those of an app's transaction whether or not it was committed.");
        _attemptDuration = meter.CreateHistogram(
            "webhooks.attempt.duration",
            "s",
            "How long attempts took.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 15, 30, 60] });
        _leasesLost = meter.CreateCounter<long>("webhooks.lease.lost", "{delivery}", "Outcomes that came after their lease had ended.");
        _breakersOpened = meter.CreateCounter<long>("webhooks.breaker.opened", "{opening}", "How often a webhook was left alone because too many attempts had failed.");
        _reconnected = meter.CreateCounter<long>("webhooks.attempt.reconnected", "{attempt}", "Attempts whose request was sent once more, for its kept connection was dead.");
        _batchSize = meter.CreateHistogram(
            "webhooks.writer.batch.size",
            "{write}",
            "Events and outcomes that were stored by one commit.",
            advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 2, 5, 10, 20, 50, 100, 200, 500] });
    }

    public void BatchWritten(int size) => _batchSize.Record(size);

    public void EventPublished(string trigger) =>
        _eventsPublished.Add(1, new KeyValuePair<string, object?>("webhooks.trigger", trigger));

    public void AttemptMade(WebhookAttemptOutcome outcome, int? statusCode, TimeSpan duration)
    {
        if (_attemptDuration.Enabled)
        {
            _attemptDuration.Record(
                duration.TotalSeconds,
                new KeyValuePair<string, object?>("webhooks.outcome", outcome),
                new KeyValuePair<string, object?>("http.response.status_code", statusCode));
        }
    }

    public void BreakerOpened() => _breakersOpened.Add(1);

    public void Reconnected() => _reconnected.Add(1);

    public void LeasesLost(int count) => _leasesLost.Add(count);
}
