"""A user's variables on Windows: the registry, with the kind of each value kept."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from doctor.host.user_variables import UserValue

if sys.platform == "win32":
    import winreg

    from doctor.host.user_variables import RegistryVariables

    if TYPE_CHECKING:
        from collections.abc import Iterator

    KEY = "Software\\tunedoc-tests"

    @pytest.fixture
    def variables() -> Iterator[RegistryVariables]:
        winreg.CreateKey(winreg.HKEY_CURRENT_USER, KEY).Close()
        yield RegistryVariables(KEY)
        winreg.DeleteKey(winreg.HKEY_CURRENT_USER, KEY)

    @pytest.mark.windows
    @pytest.mark.parametrize("kind", ["plain", "expand"])
    def test_a_value_comes_back_with_its_kind(variables: RegistryVariables, kind: str) -> None:
        value = UserValue("D:\\模型 %USERNAME%\\hub", kind)  # type: ignore[arg-type]
        variables.write("HF_HOME", value)
        assert variables.read("HF_HOME") == value
        variables.write("HF_HOME", None)
        assert variables.read("HF_HOME") is None

    @pytest.mark.windows
    def test_what_is_not_there_can_be_removed_again(variables: RegistryVariables) -> None:
        variables.write("NEVER_SET", None)
        assert variables.read("NEVER_SET") is None

    @pytest.mark.windows
    def test_the_real_key_is_the_one_that_windows_reads() -> None:
        real = RegistryVariables()
        before = real.read("TUNEDOC_TEST_VARIABLE")
        real.write("TUNEDOC_TEST_VARIABLE", UserValue("1"))
        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, "Environment") as key:
                assert winreg.QueryValueEx(key, "TUNEDOC_TEST_VARIABLE") == ("1", winreg.REG_SZ)
        finally:
            real.write("TUNEDOC_TEST_VARIABLE", before)
        assert real.read("TUNEDOC_TEST_VARIABLE") == before
