# shellcheck shell=sh
# Sourced by the other scripts: sets PY to a Python of version 3.11 or newer, or says what is missing and ends.
PY=
for candidate in "${TUNEDOC_PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11 python; do
    [ -n "$candidate" ] || continue
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        PY=$candidate
        break
    fi
done
if [ -z "$PY" ]; then
    echo "error: tunedoc needs Python 3.11 or newer (Debian, Ubuntu: apt install python3 python3-pip)" >&2
    echo "错误：需要 Python 3.11 或更新版本（Debian、Ubuntu：apt install python3 python3-pip）" >&2
    exit 2
fi
if ! "$PY" -m pip --version >/dev/null 2>&1; then
    echo "error: $PY has no pip (Debian, Ubuntu: apt install python3-pip)" >&2
    echo "错误：$PY 没有 pip（Debian、Ubuntu：apt install python3-pip）" >&2
    exit 2
fi
