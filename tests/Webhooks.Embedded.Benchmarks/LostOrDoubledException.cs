namespace Webhooks.Embedded.Benchmarks;

/// <summary>An event was lost, or sent twice without need. No figure counts then.</summary>
internal sealed class LostOrDoubledException(string message) : Exception(message);
