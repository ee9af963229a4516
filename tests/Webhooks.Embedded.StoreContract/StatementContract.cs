using System.Text;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.StoreContract;

/// <summary>
/// Every statement's final text, kept as a reviewed file beside the engine's tests, so that a change of SQL is read as SQL: each statement
/// stands where it is first used.
/// </summary>
public abstract class StatementContract<TStore> : StoreTest<TStore>
    where TStore : ITestStore, IStatementRecorder, new()
{
    private const string Approve = "APPROVE_STATEMENTS";

    private readonly HashSet<string> _seen = [];
    private readonly StringBuilder _text = new();

    [Fact]
    public async Task The_statements_are_the_approved_ones()
    {
        Note("The store is opened");
        await WebhooksAsync();
        await PublishingAsync();
        await DeliveringAsync();
        await ReadingAsync();
        await ChangingAsync();
        await OperatingAsync();
        await CountingAsync();
        await DeletingAsync();

        var folder = Path.Combine(Root(), "tests", GetType().Assembly.GetName().Name!, "Approved");
        var (approvedFile, receivedFile) = (Path.Combine(folder, "Statements.sql"), Path.Combine(folder, "Statements.received.sql"));
        var received = _text.ToString();
        Directory.CreateDirectory(folder);
        if (Environment.GetEnvironmentVariable(Approve) == "1")
        {
            await File.WriteAllTextAsync(approvedFile, received, Cancellation);
        }

        if (File.Exists(approvedFile) && await File.ReadAllTextAsync(approvedFile, Cancellation) == received)
        {
            File.Delete(receivedFile);
            return;
        }

        await File.WriteAllTextAsync(receivedFile, received, Cancellation);
        Assert.Fail($"The statements are not those in {approvedFile}: compare it with {receivedFile}. If this is meant, run this test once with {Approve}=1 and commit the file.");
    }

    private static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Webhooks.Embedded.sln")))
        {
            directory = directory.Parent ?? throw new InvalidOperationException("The tests do not run inside a checkout, where the approved statements are.");
        }

        return directory.FullName;
    }

    private async Task WebhooksAsync()
    {
        await RegisterAsync();
        Note("A webhook is created");

        var settings = new WebhookSettings { Name = "shop", Url = "https://example.com/shop", Triggers = ["*"], Secret = "0123456789abcdef0123456789abcdef" };
        await Registry.ChangeAsync(1, settings, Cancellation);
        Note("A webhook is changed, and its secret replaced");
        await Registry.ChangeAsync(1, settings with { Url = "https://example.com/moved" }, Cancellation);
        await Registry.ChangeAsync(1, settings, Cancellation);
        Note("A webhook is given another URL");

        await Registry.RotateSecretAsync(1, cancellationToken: Cancellation);
        await Registry.RotateSecretAsync(1, overlap: TimeSpan.Zero, cancellationToken: Cancellation);
        Note("A secret is rotated");

        await Registry.RevealSecretsAsync(1, Cancellation);
        Note("Secrets are revealed");
        await Registry.RevokeSecretsAsync(1, Cancellation);
        Note("Earlier secrets are revoked");

        var webhook = await Registry.FindAsync(1, Cancellation);
        await Registry.FindAsync(webhook!.Uid, Cancellation);
        await Registry.ListAsync(new WebhookQuery { Tenant = "", Enabled = true }, Cancellation);
        Note("Webhooks are found and listed");
    }

    private async Task PublishingAsync()
    {
        await PublishAsync();
        await PublishAsync();
        Note("An event is published");

        var options = new PublishOptions { IdempotencyKey = "key" };
        await PublishAsync(options: options);
        Note("An event with an idempotency key is published");
        await PublishAsync(options: options);
        Note("It is published again");

        await using var connection = await Store.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await Publisher.PublishJsonAsync("order.created", "{}"u8.ToArray(), transaction, cancellationToken: Cancellation);
        await transaction.CommitAsync(Cancellation);
        Note("An event is published in the app's own transaction");
    }

    private async Task DeliveringAsync()
    {
        var claim = await ClaimAsync();
        Note("Due deliveries are claimed");

        await RecordAsync(DeliveryRecord.Finish(claim.Deliveries[0], Attempt(claim.Deliveries[0], 200), WebhookDeliveryStatus.Delivered, Now));
        Note("A delivery is finished");
        await RecordAsync(DeliveryRecord.Retry(claim.Deliveries[1], Attempt(claim.Deliveries[1], 500), Now));
        Note("An attempt has failed, and there is to be another");
        await RecordAsync(DeliveryRecord.Release(claim.Deliveries[2], Now));
        Note("A delivery is given back unsent");
        await RecordAsync(DeliveryRecord.Release(claim.Deliveries[0], Now));
        await RecordAsync(DeliveryRecord.Finish(claim.Deliveries[0], Attempt(claim.Deliveries[0], 200), WebhookDeliveryStatus.Delivered, Now));
        Note("An outcome comes too late");

        claim = await ClaimAsync();
        Time.Advance(Lease);
        claim = await ClaimAsync();
        Note("Deliveries are claimed whose leases have ended");

        await RecordAsync(DeliveryRecord.Finish(claim.Deliveries[0], null, WebhookDeliveryStatus.Quarantined, Now));
        Note("A delivery is finished without an attempt");
        await RecordAsync(DeliveryRecord.Park(claim.Deliveries[1], null));
        Note("A delivery is parked");
    }

    private async Task ReadingAsync()
    {
        var query = new WebhookDeliveryQuery();
        await Deliveries.ListAsync(query, Cancellation);
        Note("The log is listed");
        await Deliveries.ListAsync(query with { Offset = 1, IncludePayload = true }, Cancellation);
        Note("A page of the log is read, with payloads");
        await Deliveries.ListAsync(
            new WebhookDeliveryQuery
            {
                Tenant = "",
                WebhookId = 1,
                WebhookUrl = "https://example.com/shop",
                WebhookCreatedBy = "ada",
                EventId = Guid.Empty,
                EventIds = [Guid.Empty],
                WebhookUid = Guid.Empty,
                StatusCode = 500,
                Outcomes = [WebhookAttemptOutcome.HttpError],
                AttemptsFrom = 1,
                AttemptsTo = 2,
                Trigger = "order.created",
                Statuses = Enum.GetValues<WebhookDeliveryStatus>(),
                Answers = WebhookAnswers.NotAttempted | WebhookAnswers.NoAnswer | WebhookAnswers.Success | WebhookAnswers.Redirect
                    | WebhookAnswers.ClientError | WebhookAnswers.ServerError,
                CreatedFrom = Time.GetUtcNow(),
                CreatedTo = Time.GetUtcNow(),
                AttemptedFrom = Time.GetUtcNow(),
                AttemptedTo = Time.GetUtcNow(),
            },
            Cancellation);
        Note("The log is listed by every filter there is");
        await Deliveries.CountAsync(query, cancellationToken: Cancellation);
        Note("The log is counted");
        await Deliveries.FindAsync(1, Cancellation);
        await Deliveries.FindAsync([1, 2], Cancellation);
        await Deliveries.AttemptsAsync(1, Cancellation);
        Note("Deliveries and their attempts are found");
        await Events.FindAsync(Guid.Empty, Cancellation);
        await Events.ListAsync(new WebhookEventQuery(), Cancellation);
        await Events.ListAsync(
            new WebhookEventQuery { Tenant = "", Trigger = "order.created", PublishedFrom = Time.GetUtcNow(), PublishedTo = Time.GetUtcNow() },
            Cancellation);
        Note("Events are found and listed");
    }

    private async Task ChangingAsync()
    {
        await Deliveries.CancelAsync(2, Cancellation);
        Note("A delivery is cancelled");
        foreach (var delivery in (await Deliveries.ListAsync(new WebhookDeliveryQuery(), Cancellation)).Items)
        {
            await Deliveries.RetryAsync(delivery.Id, Cancellation);
        }

        Note("Deliveries are retried");
        var published = (await Events.ListAsync(new WebhookEventQuery { Limit = 1 }, Cancellation)).Items[0];
        await Events.SendAgainAsync(published.Id, cancellationToken: Cancellation);
        Note("An event is sent again");
        await Events.SendAgainAsync(published.Id, (await RegisterAsync()).Id, Cancellation);
        Note("An event is sent to one more webhook");
        await Events.SendTestAsync(1, cancellationToken: Cancellation);
        Note("A test event is sent");
        await Registry.DisableAsync(1, cancellationToken: Cancellation);
        Note("A webhook is disabled");
        await Registry.EnableAsync(1, sendParked: true, Cancellation);
        Note("A webhook is enabled, and what was parked is sent");
    }

    private async Task OperatingAsync()
    {
        var operations = Get<IWebhookOperations>();
        var query = new WebhookDeliveryQuery { Trigger = "order.created" };
        await operations.PreviewAsync(query, Cancellation);
        Note("An operation is previewed");
        var retry = await operations.StartAsync(WebhookOperationKind.Retry, query, cancellationToken: Cancellation);
        Note("An operation is started");
        await operations.StartAsync(WebhookOperationKind.Cancel, query, new() { IdempotencyKey = "key", CreatedBy = "ada" }, Cancellation);
        Note("An operation with an idempotency key is started");
        await operations.FindAsync(retry.Id, Cancellation);
        await operations.ListAsync(cancellationToken: Cancellation);
        Note("Operations are found and listed");

        var steps = Get<OperationSteps>();
        var claimed = await steps.ClaimAsync(2, Cancellation);
        Note("Operations are claimed");
        await steps.StepAsync(claimed[0], 1, Cancellation);
        Note("A step of an operation is done");
        await steps.StepAsync(claimed[0], 100, Cancellation);
        Note("Its last step is done");
        await steps.StepAsync(claimed[1], 100, Cancellation);
        Note("Another one cancels");
        await operations.CancelAsync(retry.Id, Cancellation);
        Note("An operation is stopped");
        await steps.ReleaseAsync(claimed[0], Now, Cancellation);
        Note("An operation is given back");
        await steps.FailAsync(claimed[0], "It failed.", Cancellation);
        Note("An operation has failed");
    }

    private async Task CountingAsync()
    {
        var stored = Get<RollUpRepository>();
        await stored.AddAsync(Get<RollUps>().Take(), Cancellation);
        Note("Figures are added");
        await Get<IWebhookOverview>().ReadAsync(cancellationToken: Cancellation);
        Note("The overview is read");
        await stored.DeleteAsync(RollUpRepository.Minutes, Now + 1, Cancellation);
        Note("Old figures are deleted");
    }

    private async Task DeletingAsync()
    {
        await Registry.DeleteAsync(1, Cancellation);
        Note("A webhook is deleted");

        // Published for nobody, so that there is an event to erase and to delete whatever became of the others.
        await Registry.DeleteAsync(2, Cancellation);
        await PublishAsync();
        Time.Advance(TimeSpan.FromMinutes(1));
        var retention = Get<RetentionRepository>();
        await retention.ErasePayloadsAsync(Now, Cancellation);
        await retention.DeleteDeliveriesAsync(Now + 1, Cancellation);
        await retention.DeleteEventsAsync(Now + 1, Cancellation);
        await Get<FormerUrlRepository>().DeleteAsync(Now + 1, Cancellation);
        await retention.DeleteOperationsAsync(Now + 1, Cancellation);
        await retention.DeleteExpiredSecretsAsync(Cancellation);
        Note("What is old is deleted");

        await Get<IWebhookSchema>().VersionAsync(Cancellation);
        Note("The version of the schema is read");
    }

    private void Note(string step)
    {
        var added = Store.TakeStatements().Select(statement => statement.ReplaceLineEndings("\n").Trim()).Where(_seen.Add).ToList();
        _text.Append("-- ").Append(step).Append(added.Count == 0 ? ": nothing new\n\n" : "\n\n");
        foreach (var statement in added)
        {
            _text.Append(statement).Append(statement.EndsWith(';') ? "\n\n" : ";\n\n");
        }
    }
}
