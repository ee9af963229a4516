#!/usr/bin/env bash
# Restores, builds and runs every test. Needs the .NET SDK that global.json asks for. Installs PostgreSQL and libfaketime where they are
# missing and apt-get can; where it cannot, the tests that need them are skipped and say so.
# The last line is "N passed, N failed, N skipped"; the exit code is 0 only when tests ran and none failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_UI_LANGUAGE=en
export MSBUILDDISABLENODEREUSE=1
output="$(mktemp)"
trap 'rm -f "$output"' EXIT

finish() { # passed failed skipped exit-code
    printf '%s passed, %s failed, %s skipped\n' "$1" "$2" "$3"
    exit "$4"
}

# Installs a package for the tests that need it, where that is possible; those tests are skipped otherwise.
install() { # package name
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q)
    if ! command -v apt-get >/dev/null; then
        echo "$2 is not installed, and there is no apt-get here to install it: its tests are skipped."
        return
    elif ((EUID != 0)); then
        if ! sudo -n true 2>/dev/null; then
            echo "$2 is not installed, and this is neither root nor sudo without a password: its tests are skipped."
            return
        fi
        apt=(sudo -n "${apt[@]}")
    fi
    echo "Installing $2 for the tests."
    { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "$1"; } >"$output" 2>&1 \
        || { tail -n 20 "$output"; echo "$2 could not be installed: its tests are skipped."; }
}

# The tests start servers of their own, so the programs are enough; no service has to run.
command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null \
    || [[ -n "${WEBHOOKS_TEST_POSTGRES:-}" ]] || install postgresql PostgreSQL

# Tells a process a wrong time of day.
[[ "$(uname)" != Linux ]] || compgen -G '/usr/lib/*/faketime/libfaketime.so.1' >/dev/null || install faketime libfaketime

# Two steps, so that a failed build is not reported as a failed test.
dotnet build Webhooks.Embedded.sln --configuration Release || finish 0 0 0 1

# One test program at a time: the end-to-end tests start processes and kill them, and want the machine for themselves.
dotnet test --solution Webhooks.Embedded.sln --configuration Release --no-build --max-parallel-test-modules 1 "$@" 2>&1 | tee "$output"
code=$?

# "  total: 10", coloured or not, in the summary at the end.
count() { sed 's/\x1b\[[0-9;]*m//g' "$output" | sed -n "s/^ *$1: *\([0-9][0-9]*\) *\$/\1/p" | tail -n 1; }
passed="$(count succeeded)" failed="$(count failed)" skipped="$(count skipped)"

# Test programs that crashed or found nothing to run have no failed tests to count; each of them is one failure.
failed="$((${failed:-0} + $(count error | grep . || echo 0)))"

# No summary, or nothing that ran, is a failure whatever the exit code says.
if ((code == 0)) && ((${passed:-0} == 0 || failed > 0)); then
    code=1
fi

finish "${passed:-0}" "$failed" "${skipped:-0}" "$code"
