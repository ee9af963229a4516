using System.Data.Common;
using System.Diagnostics;
using Microsoft.Data.SqlClient;
using Webhooks.Embedded.StoreContract;

namespace Webhooks.Embedded.SqlServer.Tests;

/// <summary>A schema of a test's own, and what the driver says it sent there.</summary>
public sealed class RecordedSqlServerStore : ITestStore, IStatementRecorder
{
    private readonly SqlServerStore _store = new();
    private readonly Lock _gate = new();
    private readonly List<string> _statements = [];
    private readonly List<IDisposable> _subscriptions = [];

    public Task UseAsync(IWebhooksBuilder builder)
    {
        _subscriptions.Add(DiagnosticListener.AllListeners.Subscribe(new Observer<DiagnosticListener>(Listen)));
        return _store.UseAsync(builder);
    }

    public Task<DbConnection> OpenAsync() => _store.OpenAsync();

    public async Task DropAsync()
    {
        _subscriptions.ForEach(subscription => subscription.Dispose());
        await _store.DropAsync();
    }

    public IReadOnlyList<string> TakeStatements()
    {
        lock (_gate)
        {
            string[] taken = [.. _statements];
            _statements.Clear();
            return taken;
        }
    }

    private void Listen(DiagnosticListener listener)
    {
        if (listener.Name == "SqlClientDiagnosticListener")
        {
            _subscriptions.Add(listener.Subscribe(new Observer<KeyValuePair<string, object?>>(Record), name => name == "Microsoft.Data.SqlClient.WriteCommandBefore"));
        }
    }

    private void Record(KeyValuePair<string, object?> written)
    {
        // The driver has one listener for the whole process: other tests send their statements at the same time, each to its schema.
        var command = (SqlCommand)written.Value!.GetType().GetProperty("Command")!.GetValue(written.Value)!;
        if (command.CommandText.Contains(_store.Schema, StringComparison.Ordinal))
        {
            lock (_gate)
            {
                _statements.Add(command.CommandText.Replace(_store.Schema, "webhooks", StringComparison.Ordinal));
            }
        }
    }

    private sealed class Observer<T>(Action<T> take) : IObserver<T>
    {
        public void OnNext(T value) => take(value);

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }
}
