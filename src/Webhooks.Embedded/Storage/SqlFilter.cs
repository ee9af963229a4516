namespace Webhooks.Embedded.Storage;

/// <summary>The <c>where</c> clause of a list: fixed conditions with parameters, of which those are used that the query sets.</summary>
internal sealed class SqlFilter(params string[] conditions)
{
    private readonly List<string> _conditions = [.. conditions];

    public void Add(bool isSet, string condition)
    {
        if (isSet)
        {
            _conditions.Add(condition);
        }
    }

    public override string ToString() => _conditions.Count == 0 ? "" : "where " + string.Join(" and ", _conditions);
}
