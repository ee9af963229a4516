using System.Runtime.CompilerServices;

namespace Webhooks.Embedded.Egress;

/// <summary>
/// A connection, above TLS, that tells the requests it carries how far they are. A request that cannot be written to its end may have
/// been answered all the same (413, and closed): the rest of it is dropped, so that the answer is looked for.
/// </summary>
/// <param name="inner">The connection.</param>
/// <param name="openedFor">The request it was opened for. Another may have it first, when that one found a connection that had become free.</param>
internal sealed class WatchedConnection(Stream inner, RequestProgress? openedFor) : Stream
{
    // Requests follow one another on a connection; what is read belongs to the last that was written.
    private volatile RequestProgress? _request;
    private volatile bool _isGivenUp;
    private bool _isUsed;
    private bool _isWrittenOff;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>
    /// No further request may use it: where one answer ends and the next begins is not certain. The present one can still be read.
    /// Until <see cref="LeaveAsync"/> another request may be given it; that one fails before a byte is sent.
    /// </summary>
    public void GiveUp() => _isGivenUp = true;

    /// <summary>The answer is read. Closes the connection, if no further request may use it.</summary>
    public async ValueTask LeaveAsync()
    {
        if (_isGivenUp)
        {
            await DisposeAsync();
        }
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // Most of what is read is there already, and costs no state machine then.
        var read = inner.ReadAsync(buffer, cancellationToken);
        return read.IsCompletedSuccessfully ? ValueTask.FromResult(Read(read.Result)) : ReadAsync(read);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Begin();
        if (_isWrittenOff)
        {
            return;
        }

        try
        {
            await inner.WriteAsync(buffer, cancellationToken);
        }
        catch (IOException)
        {
            // The receiver does not take any more. Its answer may be here; if not, reading fails like writing did.
            _isWrittenOff = true;
            _isGivenUp = true;
        }
    }

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (!_isWrittenOff)
        {
            await inner.FlushAsync(cancellationToken);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        await base.DisposeAsync();
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    // Attempts are asynchronous throughout.
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReadAsync(ValueTask<int> read) => Read(await read);

    private int Read(int bytes)
    {
        if (bytes > 0)
        {
            _request?.Answered();
        }

        return bytes;
    }

    private void Begin()
    {
        var request = RequestProgress.Current;
        if (_isUsed && ReferenceEquals(request, _request))
        {
            return;
        }

        request?.SendingOn(this, isKept: _isUsed || !ReferenceEquals(request, openedFor));
        _request = request;
        _isUsed = true;
        if (_isGivenUp)
        {
            throw new IOException("The connection was given up after an earlier answer.");
        }
    }
}
