using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Webhooks.Embedded.Benchmarks.Sending;

/// <summary>Keeps what an app logs as a warning or worse, so that the report can say it.</summary>
internal sealed class Warnings : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _texts = new();

    public IEnumerable<string> Texts => _texts;

    public ILogger CreateLogger(string categoryName) => new Sink(this);

    public void Dispose()
    {
        // The texts are read after the app has stopped.
    }

    private sealed class Sink(Warnings warnings) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                warnings._texts.Enqueue($"{logLevel}: {formatter(state, exception)} {exception?.Message}");
            }
        }
    }
}
