#!/usr/bin/env bash
# Measures the product: what this machine can post without it, and what it delivers, in turns. Prints a table.
#   build/bench.sh [--smoke] [--repetitions N] [--deliveries N] [--only part-of-a-name]…
# Needs the .NET SDK that global.json asks for, and PostgreSQL's programs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
dotnet build tests/Webhooks.Embedded.Benchmarks --configuration Release --verbosity quiet --nologo
exec tests/Webhooks.Embedded.Benchmarks/bin/Release/net10.0/Webhooks.Embedded.Benchmarks "$@"
