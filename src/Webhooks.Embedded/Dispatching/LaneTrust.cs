namespace Webhooks.Embedded.Dispatching;

/// <summary>How far a lane is trusted to give its places back soon: the steps of a ladder, the best one first.</summary>
internal enum LaneTrust
{
    /// <summary>It answered quickly within the last second.</summary>
    Answering = 0,

    /// <summary>It answered quickly within the last minutes, and since then nothing spoke against it.</summary>
    Quiet = 1,

    /// <summary>Nothing is known of it.</summary>
    New = 2,

    /// <summary>It has an attempt under way that takes long, or it had one and has not answered quickly since.</summary>
    Slow = 3,
}
