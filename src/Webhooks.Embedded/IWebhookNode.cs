namespace Webhooks.Embedded;

/// <summary>Says what this node of the app does.</summary>
public interface IWebhookNode
{
    /// <summary>Whether it delivers; false where <c>WithoutDispatcher()</c> left that to other nodes.</summary>
    bool Delivers { get; }
}
