#!/bin/sh
# Sets tunedoc up for this user (Linux, WSL2): finds a Python, checks the programs beside this file against SHA256SUMS
# where there is one, and hands over to them. Their options: sh install.sh --help. Nothing needs root.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
unset PYTHONHOME PYTHONPATH VIRTUAL_ENV PYTHONDONTWRITEBYTECODE || true

# is_python PROGRAM MAJOR MINOR: it runs and is that new.
is_python() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (int(sys.argv[1]), int(sys.argv[2])))' "$2" "$3" >/dev/null 2>&1
}

fail() {
    echo "error: $1" >&2
    echo "错误：$2" >&2
    exit 2
}

python='' older=''
if [ -n "${TUNEDOC_PYTHON:-}" ]; then
    is_python "$TUNEDOC_PYTHON" 3 8 || fail "TUNEDOC_PYTHON is not a Python that runs: $TUNEDOC_PYTHON" \
        "TUNEDOC_PYTHON 指定的 Python 无法运行：$TUNEDOC_PYTHON"
    python=$TUNEDOC_PYTHON
else
    for candidate in python3 python3.14 python3.13 python3.12 python3.11 python python3.10 python3.9 python3.8; do
        if is_python "$candidate" 3 11; then
            python=$candidate
            break
        fi
        # Good enough to fetch a newer one.
        if [ -z "$older" ] && is_python "$candidate" 3 8; then older=$candidate; fi
    done
fi
python=${python:-$older}
[ -n "$python" ] || fail "tunedoc needs Python (Debian, Ubuntu: apt install python3 python3-pip)" \
    "需要 Python（Debian、Ubuntu：apt install python3 python3-pip）"

# A file that SHA256SUMS does not name could take the place of one of Python's own.
"$python" -I -c '
import hashlib, pathlib, sys
here = pathlib.Path(sys.argv[1])
sums = here / "SHA256SUMS"
told = {line[66:]: line[:64] for line in sums.read_text("utf-8", "replace").splitlines()} if sums.is_file() else None
for file in here.glob("*.py"):
    if told is not None and told.get(file.name) != hashlib.sha256(file.read_bytes()).hexdigest():
        sys.exit(f"{file.name} != SHA256SUMS")
' "$here" || fail "a program in $here is not what SHA256SUMS says: nothing was installed; fetch the release again" \
    "$here 中的程序与 SHA256SUMS 不符：未安装任何内容，请重新下载发布文件"

exec "$python" "$here/set_up.py" "$@"
