namespace Webhooks.Embedded.AspNetCore;

/// <summary>Ends a request of a vendor-shaped API with a status and with words for people, which its <see cref="RefusalShape"/> writes.</summary>
internal sealed class RefusedException(int status, string message) : Exception(message)
{
    public int Status { get; } = status;
}
