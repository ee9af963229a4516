namespace Webhooks.Embedded.AspNetCore.Requests;

/// <summary>Ends a request with a problem.</summary>
internal sealed class ProblemException(Problem problem) : Exception(problem.Detail)
{
    public Problem Problem { get; } = problem;
}
