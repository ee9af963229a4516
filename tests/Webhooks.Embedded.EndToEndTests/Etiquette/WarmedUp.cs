namespace Webhooks.Embedded.EndToEndTests.Etiquette;

/// <summary>One request before the tests of a class: what the first of a process costs is no receiver's fault.</summary>
public sealed class WarmedUp : IAsyncLifetime
{
    public async ValueTask InitializeAsync()
    {
        await using var sender = Sender.Create();
        await using var receiver = ScriptedReceiver.AnsweringOnce("");
        await sender.SendAsync(receiver.Url);
        await sender.NextIsUnharmedAsync(receiver.Url);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
