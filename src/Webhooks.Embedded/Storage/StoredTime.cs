namespace Webhooks.Embedded.Storage;

/// <summary>Times as the columns have them: Unix milliseconds.</summary>
internal static class StoredTime
{
    public static DateTimeOffset? Read(long? column) => column is { } value ? DateTimeOffset.FromUnixTimeMilliseconds(value) : null;

    public static long? Write(DateTimeOffset? time) => time?.ToUnixTimeMilliseconds();
}
