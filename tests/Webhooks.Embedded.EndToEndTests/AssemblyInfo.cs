// Each test starts processes and waits for leases; side by side they would only slow each other down.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

// One server for all scenarios, each with a database of its own.
[assembly: AssemblyFixture(typeof(Webhooks.Embedded.EndToEndTests.SeveralNodes.CommonServer))]
