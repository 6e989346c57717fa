"""Which of the tests that install run in Wine, where each costs up to a minute: one of every kind.

On a real Windows, and with TUNEDOC_TEST_ALL=1 in Wine, all of them run.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

REASON = "up to a minute in Wine, where others of its kind run (TUNEDOC_TEST_ALL=1 runs it)"

CHOSEN = {
    "apply/test_environments_repair": (
        "test_a_flipped_bit_is_found_and_only_its_package_is_replaced",
        "test_what_uv_keeps_is_not_trusted",
        "test_a_damaged_list_is_replaced[gone]",
        "test_a_damaged_program_works_again",
        "test_an_interpreter_that_is_gone_is_made_again[pyvenv.cfg]",
        "test_an_interpreter_that_is_gone_is_made_again[python]",
        "test_a_failed_proof_is_owed_to_the_next_repair",
        "test_of_an_unfinished_one_nothing_can_be_repaired",
        "test_without_its_lock_a_new_one_is_proposed",
    ),
    "apply/test_environments_verb": (
        "test_the_list_tells_what_is_there",
        "test_use_switches_and_undo_switches_back",
        "test_what_is_not_whole_is_not_used",
        "test_remove_goes_through_the_trash_and_comes_back",
        "test_delete_is_at_once",
        "test_an_export_installs_in_both_forms",
        "test_an_export_has_no_credentials",
        "test_without_any_environment",
    ),
    "apply/test_install": (
        "test_from_a_folder_of_wheels",
        "test_through_an_index_and_torch_from_its_own",
        "test_the_plan_changes_nothing",
        "test_without_yes_and_without_a_terminal_nothing_is_done",
        "test_no_network",
        "test_a_wrong_hash_is_refused",
        "test_an_environment_that_fails_its_proof_is_not_used",
        "test_a_full_disk_is_noticed_before_anything_is_done",
        "test_one_install_at_a_time",
    ),
    "apply/test_install_cuda": ("test_the_family_is_of_one_build_from_its_own_index",),
    # Kills in the way Windows kills: tests/windows/inside/test_install_kills.py
    "apply/test_install_kills": (),
    "apply/test_install_large": (
        "test_a_large_wheel_is_fetched_once_and_uv_keeps_it",
        "test_after_a_kill_in_the_middle_of_a_wheel_the_rest_is_fetched",
    ),
    "apply/test_install_mirrors": (
        "test_another_place_goes_on_with_a_large_wheel[lies]",
        "test_a_wish_that_is_none_is_refused[nonsense]",
    ),
    "bundling/test_making": (
        "test_everything_is_in_it_and_in_the_manifest",
        "test_tunedocs_own_wheel_is_this_tunedocs",
        "test_a_folder_with_other_things_is_left_alone",
        "test_its_script_sets_up_tunedoc_and_the_environment_without_a_network",
        "test_its_script_refuses_an_unfinished_bundle",
    ),
}
"""Files in `tests/doctor`, and those of their tests that run in Wine."""


def in_wine() -> bool:
    """Whether this Windows is Wine."""
    if sys.platform != "win32":
        return False
    import ctypes

    return hasattr(ctypes.windll.ntdll, "wine_get_version")


def leave_out(items: Iterable[pytest.Item]) -> None:
    """Skip the tests that were not chosen."""
    if not in_wine() or os.environ.get("TUNEDOC_TEST_ALL"):
        return
    for item in items:
        chosen = CHOSEN.get(f"{item.path.parent.name}/{item.path.stem}")
        if chosen is not None and item.name not in chosen:
            item.add_marker(pytest.mark.skip(reason=REASON))
