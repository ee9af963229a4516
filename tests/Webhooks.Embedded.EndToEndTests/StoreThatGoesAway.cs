using System.Data.Common;
using Microsoft.Extensions.DependencyInjection;
using Webhooks.Embedded.Storage;
using Webhooks.Embedded.Storage.Migrations;

namespace Webhooks.Embedded.EndToEndTests;

/// <summary>A store between the app and its own one, out of reach when the test says so.</summary>
internal sealed class StoreThatGoesAway(SqlDialect store) : SqlDialect
{
    private volatile bool _isAway;

    public bool IsAway
    {
        get => _isAway;
        set => _isAway = value;
    }

    public override string Engine => store.Engine;

    public override WebhookTables Tables => store.Tables;

    public override string Location => store.Location;

    public override IReadOnlyList<Migration> Migrations => store.Migrations;

    /// <summary>Puts itself before the store that the app has chosen.</summary>
    public static void AddTo(IServiceCollection services)
    {
        var chosen = services.Last(service => service.ServiceType == typeof(SqlDialect)).ImplementationFactory!;
        services.AddSingleton(provider => new StoreThatGoesAway((SqlDialect)chosen(provider)));
        services.AddSingleton<SqlDialect>(provider => provider.GetRequiredService<StoreThatGoesAway>());
    }

    public override string CreateMigrationsTable => store.CreateMigrationsTable;

    public override string FindMigrationsTable => store.FindMigrationsTable;

    public override string BeginScript => store.BeginScript;

    public override string CurrentTime => store.CurrentTime;

    public override Task PrepareAsync(CancellationToken cancellationToken) => store.PrepareAsync(cancellationToken);

    public override ValueTask<DbConnection> OpenAsync(CancellationToken cancellationToken) => Reach().OpenAsync(cancellationToken);

    public override ValueTask<WriteScope> BeginWriteAsync(CancellationToken cancellationToken) => Reach().BeginWriteAsync(cancellationToken);

    public override Task WriteAsync(StoreBatch batch, CancellationToken cancellationToken) => Reach().WriteAsync(batch, cancellationToken);

    public override Task<ClaimResult> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken) =>
        Reach().ClaimAsync(request, cancellationToken);

    public override Task InsertAsync(NewEvent newEvent, long now, DbTransaction transaction, CancellationToken cancellationToken) =>
        Reach().InsertAsync(newEvent, now, transaction, cancellationToken);

    public override bool IsTransient(Exception exception) => exception is TimeoutException || store.IsTransient(exception);

    public override object ToColumn(Guid uid) => store.ToColumn(uid);

    public override ValueTask DisposeAsync() => store.DisposeAsync();

    private SqlDialect Reach() => IsAway ? throw new TimeoutException("The store is away.") : store;
}
