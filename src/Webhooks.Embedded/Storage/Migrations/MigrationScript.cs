using System.Text;

namespace Webhooks.Embedded.Storage.Migrations;

/// <summary>The schema as a script for whoever applies it by hand.</summary>
internal static class MigrationScript
{
    /// <summary>What brings a schema of version <paramref name="after"/> to this library's, in one transaction; 0 is an empty database.</summary>
    public static string Write(SqlDialect dialect, int after)
    {
        var missing = dialect.Migrations.Where(migration => migration.Version > after).ToList();
        if (missing.Count == 0)
        {
            return "";
        }

        var script = new StringBuilder()
            .Append("-- Webhooks.Embedded on ").Append(dialect.Engine)
            .Append(": from schema version ").Append(after).Append(" to ").Append(missing[^1].Version).Append(".\n\n")
            .Append(dialect.BeginScript).Append("\n\n")
            .Append(dialect.CreateMigrationsTable).Append(";\n\n");
        foreach (var migration in missing)
        {
            script.Append(migration.Script.TrimEnd()).Append("\n\n").Append(Applied(migration, dialect)).Append(";\n\n");
        }

        return script.Append("commit;\n").ToString();
    }

    /// <summary>The statement that notes that a migration was applied.</summary>
    public static string Applied(Migration migration, SqlDialect dialect) =>
        $"""
        insert into {dialect.Tables.Migrations} (version, name, compatible_from, applied_at)
        values ({migration.Version}, '{migration.Name}', {migration.CompatibleFrom}, {dialect.CurrentTime})
        """;
}
