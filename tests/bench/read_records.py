"""Measure how fast data files become records: megabytes a second of CPU time and the memory that stays, beside `json`.

python tests/bench/read_records.py [--mb 50]      prints JSON to stdout
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parent.parent.parent
DATA = ROOT / "tests" / "data" / "llamafactory"
READ = """
import sys, time
from pathlib import Path
from trainer.records import DataFile, Record
begin = time.process_time()
count = sum(isinstance(item, Record) for item in DataFile(Path(sys.argv[1]), find_duplicates=sys.argv[2] == "yes"))
seconds = time.process_time() - begin
try:
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
except ImportError:
    peak = 0
print(count, seconds, peak)
"""


def main() -> None:
    """Write files of each kind, read them, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mb", type=int, default=50)
    size: int = parser.parse_args().mb * 1_000_000
    told: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, source, write in (
            ("alpaca_en.jsonl", "alpaca_en_demo.json", write_lines),
            ("alpaca_zh.jsonl", "alpaca_zh_demo.json", write_lines),
            ("tools_zh.jsonl", "glaive_toolcall_zh_demo.json", write_lines),
            ("alpaca_en.json", "alpaca_en_demo.json", write_list),
        ):
            file = Path(folder) / name
            write(file, rows(DATA / source, size))
            told[name] = {
                "json_mb_per_second": round(file.stat().st_size / 1e6 / json_alone(file)),
                "records": measure(file, duplicates=False),
                "with_duplicates": measure(file, duplicates=True),
            }
            file.unlink()
    print(json.dumps(told, indent=2))


def rows(source: Path, size: int) -> Iterator[str]:
    """Real records again and again, each with a number of its own, as JSON."""
    known = json.loads(source.read_text(encoding="utf-8"))
    written = number = 0
    while written < size:
        row = dict(known[number % len(known)])
        if "instruction" in row:
            row["instruction"] = f"{number} {row['instruction']}"
        else:
            first, *others = row["conversations"]
            row["conversations"] = [{**first, "value": f"{number} {first['value']}"}, *others]
        text = json.dumps(row, ensure_ascii=False)
        written += len(text.encode("utf-8"))
        number += 1
        yield text


def write_lines(file: Path, texts: Iterator[str]) -> None:
    """A record a line."""
    with file.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(f"{text}\n" for text in texts)


def write_list(file: Path, texts: Iterator[str]) -> None:
    """One list of records."""
    with file.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write("[\n" + next(texts))
        stream.writelines(f",\n{text}" for text in texts)
        stream.write("\n]\n")


def json_alone(file: Path) -> float:
    """CPU seconds that the standard library's parser takes for the same file."""
    load: Callable[[str], Any] = json.loads
    begin = time.process_time()
    with file.open(encoding="utf-8") as stream:
        if file.suffix == ".jsonl":
            for line in stream:
                load(line)
        else:
            json.load(stream)
    return time.process_time() - begin


def measure(file: Path, *, duplicates: bool) -> dict[str, Any]:
    """One reading in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", READ, str(file), "yes" if duplicates else "no"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    count, seconds, peak = (float(word) for word in done.stdout.split())
    return {
        "count": int(count),
        "mb_per_second": round(file.stat().st_size / 1e6 / seconds, 1),
        "microseconds_per_record": round(seconds / count * 1e6, 1),
        "peak_mib": int(peak),
    }


if __name__ == "__main__":
    main()
