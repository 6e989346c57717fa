"""The frame of a program: commands are heard while libraries load, and the end of stdin is noticed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

LISTEN = """
import json, queue, sys
from trainer.program import watch_commands
heard = queue.Queue()
watch_commands(heard.put, lambda: heard.put(None))
print("ready", flush=True)
# Loads a library with a C runtime of its own while the thread waits for a command.
import _ctypes, _ssl
while (command := heard.get()) is not None:
    print(json.dumps(command), flush=True)
print("end", flush=True)
"""


def test_commands_are_heard_in_order_until_stdin_ends() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", LISTEN],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stdin is not None and process.stdout is not None
    with process:
        assert process.stdout.readline().strip() == "ready"
        for command in ({"command": "stop"}, {"command": "say", "words": "你好"}):
            process.stdin.write(json.dumps(command) + "\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline()) == command
        process.stdin.write("no json\n")
        process.stdin.close()
        assert json.loads(process.stdout.readline()) == {"command": "?", "line": "no json"}
        assert process.stdout.readline().strip() == "end"
        process.stdin = None
    assert process.returncode == 0


def test_a_program_that_hangs_when_its_doctor_has_gone_ends_all_the_same() -> None:
    code = (
        "import time, trainer.program as program\n"
        "program._LAST_SECONDS = 0.2\n"
        "program.watch_commands(print, lambda: print('saving', flush=True))\n"
        "time.sleep(600)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, input="", capture_output=True, encoding="utf-8", check=False
    )
    assert (ran.returncode, ran.stdout.strip()) == (1, "saving")
