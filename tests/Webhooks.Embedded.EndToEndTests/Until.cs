using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Webhooks.Embedded.EndToEndTests;

/// <summary>Waits for a condition; time is only what ends the waiting when something is wrong.</summary>
internal static class Until
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static Task TrueAsync(Func<bool> condition, Func<string>? state = null, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        TrueAsync(() => Task.FromResult(condition()), state, what);

    public static async Task TrueAsync(
        Func<Task<bool>> condition, Func<string>? state = null, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            if (watch.Elapsed > Patience)
            {
                Assert.Fail($"After {Patience.TotalSeconds} s this is still not so: {what}\n{state?.Invoke()}");
            }

            await Task.Delay(LookEvery);
        }
    }
}
