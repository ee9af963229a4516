using System.Data;
using System.Data.Common;

namespace Webhooks.Embedded.StoreContract;

/// <summary>A transaction of an engine that nobody has.</summary>
internal sealed class OtherTransaction(DbConnection? connection) : DbTransaction
{
    public override IsolationLevel IsolationLevel => IsolationLevel.ReadCommitted;

    protected override DbConnection? DbConnection => connection;

    public override void Commit() => throw new NotSupportedException();

    public override void Rollback() => throw new NotSupportedException();
}
