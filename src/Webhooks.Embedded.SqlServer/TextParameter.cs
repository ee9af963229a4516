using System.Data;
using System.Globalization;
using System.Text;
using Microsoft.Data.SqlClient;

namespace Webhooks.Embedded.SqlServer;

/// <summary>
/// The texts that go with the rows of a table, as one JSON text: an array of objects, each with the number of its row. Not in the table
/// itself, because Babelfish puts texts of tables into statements as they are, and they come from strangers. It leaves JSON's escapes in
/// place, too, so those that are common go as signs of our own, which <see cref="Decoded"/> undoes.
/// </summary>
internal sealed class TextParameter(string name, string key, params string[] columns)
{
    // The tilde itself comes first here, and so last when it is undone.
    private static readonly (string Text, string Sign)[] Signs =
        [("~", "~0"), ("\"", "~1"), ("\\", "~2"), ("\n", "~3"), ("\r", "~4"), ("\t", "~5")];

    /// <summary>The expression of a column's text as it was.</summary>
    public static string Decoded(string column) => Signs.Reverse().Aggregate(
        $"{column} collate Latin1_General_100_BIN2",
        (expression, sign) => $"replace({expression}, N'{sign.Sign}', nchar({(int)sign.Text[0]}))");

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

    private static void Append(StringBuilder json, string text)
    {
        foreach (var c in text)
        {
            if (Array.Find(Signs, sign => sign.Text[0] == c) is { Sign: { } sign })
            {
                json.Append(sign);
            }
            else if (c < ' ')
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
