#!/bin/sh
# The main job once, end to end: check, install, train, export, answer. Needs Python 3.11 and pip.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/python.sh"
exec "$PY" "$here/bootstrap.py" demo "$@"
