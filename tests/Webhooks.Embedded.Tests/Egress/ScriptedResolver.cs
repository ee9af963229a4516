using System.Collections.Concurrent;
using System.Net;
using Webhooks.Embedded.Egress;

namespace Webhooks.Embedded.Tests.Egress;

/// <summary>Names lead where the test says: to another answer with every call, and the last one again.</summary>
internal sealed class ScriptedResolver : IHostResolver
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<Func<CancellationToken, Task<IPAddress[]>>>> _answers = new(StringComparer.OrdinalIgnoreCase);
    private int _calls;

    public int Calls => Volatile.Read(ref _calls);

    public void Answer(string name, params string[] addresses)
    {
        IPAddress[] answer = [.. addresses.Select(IPAddress.Parse)];
        Answer(name, _ => Task.FromResult(answer));
    }

    public void Answer(string name, Func<CancellationToken, Task<IPAddress[]>> answer) => _answers.GetOrAdd(name, _ => []).Enqueue(answer);

    public Task<IPAddress[]> ResolveAsync(string name, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        var answers = _answers[name];
        return (answers.Count > 1 && answers.TryDequeue(out var first) ? first : answers.First())(cancellationToken);
    }
}
