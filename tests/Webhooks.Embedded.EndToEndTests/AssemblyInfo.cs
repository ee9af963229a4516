// Each test starts processes and waits for leases; side by side they would only slow each other down.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
