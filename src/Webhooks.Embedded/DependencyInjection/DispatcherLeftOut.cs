namespace Webhooks.Embedded.DependencyInjection;

/// <summary>Says that <c>WithoutDispatcher()</c> was called, so that another <c>AddWebhooks()</c> does not bring the dispatcher back.</summary>
internal sealed class DispatcherLeftOut;
