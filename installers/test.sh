#!/bin/sh
# All that CI runs: format, lint, contracts, types, tests, the wheel. Needs Python 3.11 and pip.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/python.sh"
exec "$PY" "$here/bootstrap.py" test "$@"
