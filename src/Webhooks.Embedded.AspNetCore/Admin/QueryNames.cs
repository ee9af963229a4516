using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Webhooks.Embedded.AspNetCore.Admin;

/// <summary>
/// The names of the parameters that a list takes. Others are refused, never ignored: a filter with a slip in its name would find everything.
/// </summary>
internal static class QueryNames
{
    private const int MaxNameLength = 64;
    private const int MaxFaults = 20;

    public static void Check<TParameters>(HttpContext context)
    {
        var unknown = context.Request.Query.Keys.Where(name => !Names<TParameters>.All.Contains(name)).Take(MaxFaults).ToArray();
        if (unknown.Length > 0)
        {
            throw new WebhookValidationException(
            [
                .. unknown.Select(name => new WebhookFieldError(
                    name.Length <= MaxNameLength ? name : $"{name[..MaxNameLength]}…",
                    "unknown_parameter",
                    $"There is no such parameter here. Known: {string.Join(", ", Names<TParameters>.All)}.")),
            ]);
        }
    }

    private static class Names<TParameters>
    {
        public static readonly HashSet<string> All = new(
            typeof(TParameters).GetProperties().Select(property => property.GetCustomAttribute<FromQueryAttribute>()!.Name!),
            StringComparer.OrdinalIgnoreCase);
    }
}
