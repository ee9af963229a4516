using System.Data;
using System.Globalization;
using System.Text;
using Microsoft.Data.SqlClient;

namespace Webhooks.Embedded.SqlServer;

/// <summary>
/// The texts that go with the rows of a table, as one JSON text: an array of objects, each with the number of its row. Not in the table
/// itself, because Babelfish puts texts of tables into statements as they are, and they come from strangers.
/// </summary>
internal sealed class TextParameter(string name, string key, params string[] columns)
{
    public SqlParameter With(IEnumerable<(long Key, string?[] Texts)> rows)
    {
        var json = new StringBuilder("[");
        foreach (var (rowKey, texts) in rows)
        {
            json.Append(json.Length > 1 ? "," : "").Append(CultureInfo.InvariantCulture, $"{{\"{key}\":{rowKey}");
            for (var i = 0; i < columns.Length; i++)
            {
                if (texts[i] is { } text)
                {
                    Append(json.Append(",\"").Append(columns[i]).Append("\":\""), text);
                    json.Append('"');
                }
            }

            json.Append('}');
        }

        return new SqlParameter(name, SqlDbType.NVarChar, -1) { Value = json.Append(']').ToString() };
    }

    // By hand, because a writer of UTF-8 would replace half a surrogate pair, which a text may hold.
    private static void Append(StringBuilder json, string text)
    {
        foreach (var c in text)
        {
            if (c is '"' or '\\' or < ' ' || char.IsSurrogate(c))
            {
                json.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
            else
            {
                json.Append(c);
            }
        }
    }
}
