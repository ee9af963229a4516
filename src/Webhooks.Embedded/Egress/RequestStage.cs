namespace Webhooks.Embedded.Egress;

/// <summary>How far a request has come.</summary>
internal enum RequestStage
{
    /// <summary>It has no connection yet: its host's name is looked up, or somebody is waited for at the other end.</summary>
    Connecting,

    /// <summary>Somebody is at the other end, and TLS is being agreed on.</summary>
    Securing,

    /// <summary>It is on a connection: part of it may have been sent.</summary>
    Sending,
}
