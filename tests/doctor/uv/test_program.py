"""uv's words become tunedoc's errors. The samples are what uv 0.13.8 wrote."""

from __future__ import annotations

import pytest

from doctor.errors import NoNetwork, NoSpace, StepFailed, TunedocError
from doctor.uv.program import explain, failure
from doctor.words.text import render

REFUSED = """error: Failed to fetch: http://user:secret@127.0.0.1:9/simple/iniconfig/
  cause: error sending request for url (http://user:secret@127.0.0.1:9/simple/iniconfig/)
  cause: client error (Connect)
  cause: tcp connect error
  cause: Connection refused (os error 111)
"""
NO_NAME = """error: Failed to fetch: https://nosuch.invalid/whl/cpu/torch/
  cause: error sending request for url (https://nosuch.invalid/whl/cpu/torch/)
  cause: client error (Connect)
  cause: dns error
  cause: failed to lookup address information: Name or service not known
"""
NO_TRUST = """warning: Invalid `SSL_CERT_FILE`. Path is not a file
error: Failed to fetch: https://mirror.example/simple/iniconfig/
  cause: error sending request for url (https://mirror.example/simple/iniconfig/)
  cause: client error (Connect)
  cause: invalid peer certificate: UnknownIssuer
"""
OFFLINE = """error: No solution found when resolving dependencies
  cause: Because iniconfig was not found in the cache and you require iniconfig==2.0.0, we can conclude that your \
requirements are unsatisfiable.

hint: Packages were unavailable because the network was disabled. When the network is disabled, registry packages may \
only be read from the cache.
"""
UNSATISFIABLE = """error: No solution found when resolving dependencies
  cause: Because there is no version of iniconfig==99 and you require iniconfig==99, we can conclude that your \
requirements are unsatisfiable.
"""
FULL = """error: Failed to install: torch-2.13.0-cp311-cp311-linux_x86_64.whl (torch==2.13.0)
  cause: failed to write to file `/x/torch/lib/libtorch.so`
  cause: No space left on device (os error 28)
"""
FULL_WINDOWS = "error: Failed to extract archive\n  cause: There is not enough space on the disk. (os error 112)\n"


@pytest.mark.parametrize(
    ("stderr", "kind", "told"),
    [
        pytest.param(REFUSED, NoNetwork, "http://****@127.0.0.1:9/simple/iniconfig/ cannot be reached", id="refused"),
        pytest.param(NO_NAME, NoNetwork, "Name or service not known", id="no such host"),
        pytest.param(NO_TRUST, NoNetwork, "certificate of https://mirror.example", id="certificate"),
        pytest.param(OFFLINE, NoNetwork, "cannot be reached", id="offline"),
        pytest.param(UNSATISFIABLE, StepFailed, "there is no version of iniconfig==99", id="unsatisfiable"),
        pytest.param(FULL, NoSpace, "libtorch.so", id="full disk"),
        pytest.param(FULL_WINDOWS, NoSpace, "os error 112", id="full disk on Windows"),
        pytest.param("error: Something else\n", StepFailed, "Something else", id="anything else"),
        pytest.param("", StepFailed, "uv could not finish", id="nothing said"),
    ],
)
def test_a_failure_is_told(stderr: str, kind: type[TunedocError], told: str) -> None:
    error = failure(stderr)
    assert type(error) is kind
    message = render(error.message, "en")
    assert told in message
    assert "secret" not in message
    assert "\n" not in message
    assert error.hint is not None


def test_an_explanation_is_cut_to_length() -> None:
    assert len(explain("error: " + "x" * 5000)) == 600
