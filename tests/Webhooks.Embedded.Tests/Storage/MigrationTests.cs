using Webhooks.Embedded.Storage;
using Webhooks.Embedded.Storage.Migrations;

namespace Webhooks.Embedded.Tests.Storage;

public sealed class MigrationTests
{
    private const string Script = "-- compatible from: 3\ncreate table {schema}{prefix}a (b int);\ncreate index {prefix}a_b on {schema}{prefix}a (b);\n";

    [Fact]
    public void Schema_and_prefix_stand_where_the_script_names_them()
    {
        var migration = Migration.Read(4, "more", Script, new WebhookTables("app_", "hooks"));

        Assert.Equal(3, migration.CompatibleFrom);
        Assert.EndsWith("create table hooks.app_a (b int);\ncreate index app_a_b on hooks.app_a (b);\n", migration.Script, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_schema_names_have_no_dot() =>
        Assert.Contains("create table a (b int);", Migration.Read(4, "more", Script, new WebhookTables("")).Script, StringComparison.Ordinal);

    [Fact]
    public void A_script_that_does_not_say_which_nodes_can_go_on_is_refused() =>
        Assert.Throws<InvalidOperationException>(() => Migration.Read(4, "more", "create table a (b int);", new WebhookTables("")));
}
