#!/bin/sh
# Sets up tunedoc from this folder and installs its training environment, without any network.
# What it is given goes to `tunedoc install`; nothing outside tunedoc's own folder is written.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
home=${TUNEDOC_HOME:-${XDG_DATA_HOME:-$HOME/.local/share}/tunedoc}
wanted=@PYTHON@
archive=@ARCHIVE@
unset PYTHONHOME PYTHONPATH VIRTUAL_ENV PYTHONDONTWRITEBYTECODE || true

fail() {
    echo "error: $1" >&2
    echo "错误：$2" >&2
    exit 2
}

[ -f "$here/manifest.json" ] || fail "this bundle is unfinished: it has no manifest.json" "此离线包不完整：缺少 manifest.json"
mkdir -p "$home"
work=$(mktemp -d "$home/start.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

python=
if [ -n "$archive" ]; then
    # Where uv looks for Pythons of tunedoc's own.
    place="$home/pythons/@PLACE@"
    if [ ! -x "$place/bin/python3" ]; then
        tar -xzf "$here/$archive" -C "$work" || fail "$archive is damaged: copy the bundle again" "$archive 已损坏：请重新复制离线包"
        mkdir -p "$home/pythons"
        rm -rf "$place"
        mv "$work/python" "$place"
    fi
    python="$place/bin/python3"
else
    for candidate in "${TUNEDOC_PYTHON:-}" "python$wanted" python3 python; do
        [ -n "$candidate" ] || continue
        if "$candidate" -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$wanted')" >/dev/null 2>&1; then
            python=$candidate
            break
        fi
    done
    [ -n "$python" ] || fail "this bundle needs Python $wanted, which is not here (TUNEDOC_PYTHON may name it)" \
        "此离线包需要 Python $wanted，但未找到（可用 TUNEDOC_PYTHON 指定）"
fi

# uv comes as a wheel; a wheel is a zip archive, and Python can open it.
"$python" -m zipfile -e "$here/doctor/@UV_WHEEL@" "$work/uv" || fail "uv's wheel is damaged: copy the bundle again" "uv 的 wheel 文件已损坏：请重新复制离线包"
uv="$work/uv/@UV_DATA@/scripts/uv"
chmod +x "$uv"
"$uv" venv --quiet --offline --no-config --clear --python "$python" "$home/doctor"
"$uv" pip install --quiet --offline --no-config --no-index --find-links "$here/doctor" --require-hashes \
    --requirements "$here/doctor/requirements.txt" --python "$home/doctor/bin/python"
rm -rf "$work"

tunedoc="$home/doctor/bin/tunedoc"
TUNEDOC_HOME=$home "$tunedoc" install --bundle "$here" "$@"
for model in @MODELS@; do
    TUNEDOC_HOME=$home UV_OFFLINE=1 UV_NO_INDEX=1 UV_FIND_LINKS="$here/wheels" "$tunedoc" model get "$model"
done
echo "$tunedoc"
