using Microsoft.EntityFrameworkCore;

namespace Outbox;

/// <summary>The app's own data.</summary>
internal sealed class Shop(DbContextOptions<Shop> options) : DbContext(options)
{
    public const string CreateTable = "create table if not exists orders (id uuid not null primary key, total numeric not null)";

    public DbSet<Order> Orders => Set<Order>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) =>
        modelBuilder.Entity<Order>(order =>
        {
            order.ToTable("orders");
            order.Property(o => o.Id).HasColumnName("id");
            order.Property(o => o.Total).HasColumnName("total");
        });
}

internal sealed class Order
{
    // Made by the app, so that the event can name it before it is saved.
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public decimal Total { get; init; }
}

/// <summary>The payload of <c>order.paid</c>.</summary>
internal sealed record OrderPaid(Guid Id, decimal Total);
