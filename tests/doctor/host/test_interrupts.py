"""Every ending that the system asks for is one Ctrl-C. Console events are given by calling what Windows would call."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from doctor.host import interrupts
from doctor.host.interrupts import Interrupts, hear_console, listen_for_endings, take_as_interrupt

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _signals_are_put_back() -> Iterator[None]:
    numbers = [signal.SIGINT, signal.SIGTERM]
    if sys.platform != "win32":
        numbers.append(signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_ctrl_c_is_counted_and_the_old_handler_comes_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Interrupts() as interrupts_:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        assert interrupts_.count == 2
    assert signal.getsignal(signal.SIGINT) is before


def test_the_systems_wish_does_not_grow_by_being_repeated() -> None:
    # systemd sends SIGTERM and SIGHUP together at the end of a session; that is no user in a hurry.
    with Interrupts() as interrupts_:
        take_as_interrupt()
        take_as_interrupt()
        assert interrupts_.count == 1
        signal.raise_signal(signal.SIGINT)
        assert interrupts_.count == 2


def test_outside_such_work_it_is_a_ctrl_c() -> None:
    with pytest.raises(KeyboardInterrupt):
        take_as_interrupt()


def test_in_another_thread_nothing_is_counted_and_nothing_fails() -> None:
    counts: list[int] = []

    def work() -> None:
        listen_for_endings()
        with Interrupts() as interrupts_:
            counts.append(interrupts_.count)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert counts == [0]
    assert interrupts._counting == []


def test_of_a_console_only_ctrl_c_is_left_to_python() -> None:
    with Interrupts() as interrupts_:
        assert not hear_console(0)
        assert interrupts_.count == 0
        assert hear_console(1)
        assert (interrupts_.count, interrupts_.closing) == (1, False)


@pytest.mark.parametrize("event", [2, 5, 6], ids=["closed", "log-off", "shutdown"])
def test_a_closed_window_is_held_back_while_the_main_thread_saves(event: int) -> None:
    answered = threading.Event()

    def windows() -> None:
        hear_console(event, patience_seconds=0.3)
        answered.set()

    with Interrupts() as interrupts_:
        thread = threading.Thread(target=windows)
        thread.start()
        while not interrupts_.count:
            time.sleep(0.01)
        assert interrupts_.closing
        assert not answered.is_set()
        thread.join()


def test_a_closed_window_is_a_ctrl_c_for_other_work() -> None:
    def windows() -> None:
        time.sleep(0.1)
        hear_console(2, patience_seconds=0)

    thread = threading.Thread(target=windows)
    with pytest.raises(KeyboardInterrupt):
        thread.start()
        for _ in range(100):
            time.sleep(0.1)
    thread.join()


_PROGRAM = """
import signal, sys, time
if len(sys.argv) > 1: signal.signal(signal.SIGHUP, signal.SIG_IGN)
from doctor.host.interrupts import listen_for_endings
listen_for_endings()
try:
    print("ready", flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has console events instead")
@pytest.mark.parametrize("number", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_kill_and_a_lost_terminal_interrupt(number: str) -> None:
    with subprocess.Popen([sys.executable, "-c", _PROGRAM], stdout=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        os.kill(process.pid, getattr(signal, number))
        assert process.stdout.read() == "interrupted\n"
        assert process.wait() == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no nohup")
def test_what_nohup_ignores_stays_ignored() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, "nohup"], stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        os.kill(process.pid, signal.SIGHUP if sys.platform != "win32" else 0)
        time.sleep(0.2)
        assert process.poll() is None
        process.kill()
