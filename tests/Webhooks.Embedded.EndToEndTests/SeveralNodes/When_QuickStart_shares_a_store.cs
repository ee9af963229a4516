namespace Webhooks.Embedded.EndToEndTests.SeveralNodes;

public sealed class When_QuickStart_shares_a_store : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Directory => Path.GetDirectoryName(_folder.File("x"))!;

    [Fact]
    public async Task One_publishes_only_and_another_one_delivers()
    {
        var store = await SharedStore.CreateAsync();
        await using var receiver = await Receiver.StartAsync();
        await using var publishing = await StartAsync(store, "--QuickStart:Dispatcher", "false");
        Assert.Contains("It delivers nothing", publishing.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Registered", publishing.Output, StringComparison.Ordinal);
        var webhook = await publishing.Client.RegisterAsync(receiver.Url, "order.paid");
        await publishing.Client.PublishAsync("order.paid", "{}"u8.ToArray());
        await publishing.Client.PublishAsync("order.paid", "{}"u8.ToArray());

        Assert.All(await publishing.Client.LogAsync(webhook), delivery => Assert.Equal("pending", delivery.Status));
        await using var delivering = await StartAsync(store);
        await Until.TrueAsync(async () => (await publishing.Client.LogAsync(webhook)).All(delivery => delivery.Status == "delivered"));

        Assert.Equal(2, receiver.Requests.Count);
        Assert.All(receiver.Requests, request => Assert.True(request.Verification.IsValid, request.Verification.Message));
    }

    [Fact]
    public async Task It_takes_its_first_steps_there_and_tells_nobody_the_password()
    {
        var store = await SharedStore.CreateAsync();
        await using var quickStart = await QuickStartProcess.StartOnAsync(
            $"{store.ConnectionString};Password=of-the-database", Directory, "--QuickStart:Store", "Postgres");

        Assert.Matches(@"3\. Delivery 1 is in the log: Delivered, status 200", quickStart.Output);
        Assert.Contains($"Database={store.Name}", quickStart.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("of-the-database", quickStart.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("QuickStart:Store is 'oracle'. It can be one of sqlite, postgres, sqlserver.", "--QuickStart:Store", "oracle")]
    [InlineData("QuickStart:Store is postgres, but there is no connection string.", "--QuickStart:Store", "postgres")]
    [InlineData("QuickStart:Store is sqlserver, but there is no connection string.", "--QuickStart:Store", "SqlServer")]
    [InlineData("QuickStart:Dispatcher is 'no'. It can be true or false.", "--QuickStart:Dispatcher", "no")]
    [InlineData("ConnectionStrings:Webhooks is no connection string for postgres,", "--QuickStart:Store", "postgres", "--ConnectionStrings:Webhooks", "")]
    [InlineData("ConnectionStrings:Webhooks is no connection string for sqlite,", "--ConnectionStrings:Webhooks", "Host=db;Password=secret")]
    public async Task What_it_cannot_start_with_it_says_in_one_line(string line, params string[] options)
    {
        var (exitCode, output) = await QuickStartProcess.FailAsync(Directory, options);

        Assert.NotEqual(0, exitCode);
        Assert.StartsWith(line, Assert.Single(output.Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_is_away_is_named_without_its_password_and_ends_it()
    {
        var (exitCode, output) = await QuickStartProcess.FailAsync(
            Directory, "--QuickStart:Store", "postgres", "--ConnectionStrings:Webhooks", "Host=127.0.0.1;Port=1;Database=shop;Username=me;Password=secret");

        Assert.Equal(1, exitCode);
        Assert.Contains(output.Split('\n'), line => line.StartsWith("The store 127.0.0.1:1/shop could not be opened", StringComparison.Ordinal));
        Assert.DoesNotContain("secret", output, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private Task<QuickStartProcess> StartAsync(SharedStore store, params string[] options) =>
        QuickStartProcess.StartOnAsync(store.ConnectionString, Directory, ["--QuickStart:Store", "postgres", .. options]);
}
