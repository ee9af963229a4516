using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Webhooks.Embedded;

/// <summary>
/// The options as they were last valid. A change that is not valid is logged and not taken: a typing error in a configuration file must
/// not stop publishing and delivering, least of all between a request and the recording of its outcome.
/// </summary>
internal sealed partial class LiveOptions : IDisposable
{
    private readonly IOptionsFactory<WebhooksOptions> _factory;
    private readonly ILogger _logger;
    private readonly IDisposable[] _registrations;
    private volatile WebhooksOptions _current;

    public LiveOptions(
        IOptionsFactory<WebhooksOptions> factory,
        IEnumerable<IOptionsChangeTokenSource<WebhooksOptions>> sources,
        ILogger<LiveOptions> logger)
    {
        _factory = factory;
        _logger = logger;
        _current = factory.Create(Options.DefaultName);
        _registrations = [.. sources.Select(source => ChangeToken.OnChange(source.GetChangeToken, Read))];
    }

    public WebhooksOptions Current => _current;

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }
    }

    private void Read()
    {
        try
        {
            _current = _factory.Create(Options.DefaultName);
        }
        catch (Exception exception)
        {
            // Refused by validation, or not even a value of its type; the options that are in use stay.
            LogNotTaken(exception);
        }
    }

    [LoggerMessage(1001, LogLevel.Error, "The changed options of webhooks are not valid; those in use stay", EventName = "OptionsNotTaken")]
    private partial void LogNotTaken(Exception exception);
}
