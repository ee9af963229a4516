using Webhooks.Embedded.Benchmarks.Stores;

namespace Webhooks.Embedded.Benchmarks;

/// <summary>What the median of a measure is to reach, or not to exceed, on each engine. A missed one is marked; it does not fail the run.</summary>
internal sealed record Bar
{
    private readonly bool _isLeast;
    private readonly double? _postgreSql;
    private readonly double? _sqlite;

    private Bar(bool isLeast, double? postgreSql, double? sqlite)
    {
        _isLeast = isLeast;
        _postgreSql = postgreSql;
        _sqlite = sqlite;
    }

    public static Bar AtLeast(double postgreSql, double sqlite) => new(isLeast: true, postgreSql, sqlite);

    public static Bar AtMost(double? postgreSql, double? sqlite) => new(isLeast: false, postgreSql, sqlite);

    public static Bar AtMost(double both) => AtMost(both, both);

    /// <summary>The bar of one engine; null where it has none.</summary>
    public (double Value, bool IsLeast)? On(IBenchmarkStore store) =>
        (store is SqliteBenchmarkStore ? _sqlite : _postgreSql) is { } value ? (value, _isLeast) : null;
}
