namespace Webhooks.Embedded.Benchmarks.Stores;

/// <summary>An engine with room for databases, and what it costs.</summary>
internal interface IBenchmarkStore : IAsyncDisposable
{
    string Name { get; }

    /// <summary>Whether the engine runs in processes of its own. Otherwise what it takes is the app's.</summary>
    bool HasProcesses { get; }

    /// <summary>Its version, and how durable its commits are.</summary>
    Task<string> DescribeAsync();

    /// <summary>Makes an empty database.</summary>
    /// <param name="countsStatements">Whether statements are counted in it. That takes time: nothing else is measured there.</param>
    Task<IBenchmarkDatabase> CreateAsync(bool countsStatements = false);

    /// <summary>The processor time of the engine's own processes so far; zero where it runs in the app's.</summary>
    TimeSpan ProcessorTime();
}
