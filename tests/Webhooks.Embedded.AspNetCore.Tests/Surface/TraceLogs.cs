using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Webhooks.Embedded.AspNetCore.Tests.Surface;

/// <summary>Every line of every category at every level, with its values, its scopes and the exception.</summary>
internal sealed class TraceLogs : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyCollection<string> Lines => _lines;

    public ILogger CreateLogger(string categoryName) => new Logger(_lines, categoryName);

    public void Dispose()
    {
    }

    private sealed class Logger(ConcurrentQueue<string> lines, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            lines.Enqueue($"{category} {Spelled(state)}");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{category} {formatter(state, exception)} {Spelled(state)} {exception}");

        private static string Spelled(object? state) =>
            state is IEnumerable<KeyValuePair<string, object?>> values ? string.Join(' ', values.Select(value => $"{value.Key}={value.Value}")) : $"{state}";
    }
}
