using Microsoft.EntityFrameworkCore;

namespace Webhooks.Embedded.EntityFrameworkCore.Tests;

/// <summary>An app's own context.</summary>
public sealed class Shop(DbContextOptions<Shop> options) : DbContext(options)
{
    public DbSet<Order> Orders => Set<Order>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) =>
        modelBuilder.Entity<Order>(order =>
        {
            order.ToTable("orders");
            order.Property(o => o.Id).HasColumnName("id").ValueGeneratedNever();
            order.Property(o => o.Total).HasColumnName("total");
        });
}

public sealed class Order
{
    public int Id { get; set; }

    public decimal Total { get; set; }
}

public sealed record OrderPaid(int Id);
