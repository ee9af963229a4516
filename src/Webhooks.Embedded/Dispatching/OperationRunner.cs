using Microsoft.Extensions.Logging;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Dispatching;

/// <summary>Runs the operations that this node has leased, each at its rate. What it remembers can be lost: all that counts is stored.</summary>
internal sealed partial class OperationRunner(OperationSteps steps, StoreClock clock, DispatchSignal dispatcher, ILogger<OperationRunner> logger)
{
    private const int MaxAtOnce = 16;
    private const int MaxFailures = 3;
    private const long PauseAfterFailureMs = 1000;

    private readonly ILogger _logger = logger;
    private readonly Dictionary<long, RunningOperation> _running = [];

    /// <summary>Takes operations that nobody has, and does every step whose time has come.</summary>
    /// <returns>When the next step is to come, in store time; null where this node has no operation.</returns>
    public async Task<long?> RunOnceAsync(CancellationToken cancellationToken)
    {
        foreach (var leased in await steps.ClaimAsync(MaxAtOnce - _running.Count, cancellationToken))
        {
            // Also one that this node lost by being halted for longer than the lease: what it knew of it is old.
            _running[leased.Id] = new RunningOperation(leased, clock.Now);
        }

        foreach (var running in _running.Values.Where(running => running.NextAt <= clock.Now).ToArray())
        {
            await StepAsync(running, cancellationToken);
        }

        return _running.Count == 0 ? null : _running.Values.Min(running => running.NextAt);
    }

    /// <summary>Gives all operations back, so that other nodes need not wait for the leases to end.</summary>
    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        foreach (var running in _running.Values.ToArray())
        {
            await steps.ReleaseAsync(running.Leased, running.NextAt, cancellationToken);
            _running.Remove(running.Leased.Id);
        }
    }

    private async Task StepAsync(RunningOperation running, CancellationToken cancellationToken)
    {
        var operation = running.Leased;
        try
        {
            var step = await steps.StepAsync(operation, OperationPace.StepSize(operation.Rate), cancellationToken);
            running.Failures = 0;
            running.NextAt = OperationPace.Next(running.NextAt, clock.Now, step.Seen, operation.Rate);
            if (step.Result != OperationStepResult.GoesOn)
            {
                _running.Remove(operation.Id);
                LogEnded(operation.Uid, step.Result);
            }

            if (step.Done > 0)
            {
                // Durable by now. If the process dies here, the dispatchers find what is due by themselves.
                dispatcher.Wake();
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            await FailAsync(running, exception, cancellationToken);
        }
    }

    /// <summary>A store that is away is waited for, without an end. Whatever else comes again and again would come for ever.</summary>
    private async Task FailAsync(RunningOperation running, Exception exception, CancellationToken cancellationToken)
    {
        running.NextAt = clock.Now + PauseAfterFailureMs;
        if (exception is WebhookStoreException { IsTransient: true })
        {
            LogStepFailed(exception, running.Leased.Uid);
        }
        else if (++running.Failures < MaxFailures)
        {
            LogStepFailed(exception, running.Leased.Uid);
        }
        else
        {
            LogFailed(exception, running.Leased.Uid);

            // Who started it reads this, and the exception may name the database and what is in it.
            await steps.FailAsync(running.Leased, $"The app itself failed ({exception.GetType().Name}); its log says more.", cancellationToken);
            _running.Remove(running.Leased.Id);
        }
    }

    private sealed class RunningOperation(LeasedOperation leased, long nextAt)
    {
        public LeasedOperation Leased { get; } = leased;

        public long NextAt { get; set; } = nextAt;

        public int Failures { get; set; }
    }

    [LoggerMessage(2401, LogLevel.Information, "Operation {OperationId} is no longer run by this node: {Result}", EventName = "OperationEnded")]
    private partial void LogEnded(Guid operationId, OperationStepResult result);

    [LoggerMessage(2402, LogLevel.Warning, "A step of operation {OperationId} failed, and is tried again in a second", EventName = "OperationStepFailed")]
    private partial void LogStepFailed(Exception exception, Guid operationId);

    [LoggerMessage(2403, LogLevel.Error, "Operation {OperationId} cannot go on, and is shown as failed", EventName = "OperationFailed")]
    private partial void LogFailed(Exception exception, Guid operationId);
}
