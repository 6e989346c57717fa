"""Environments are compared with their lists, repaired file by file by the real uv, and survive being killed at it."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from doctor.environment import RECORD
from tests.environment_bench import MANY, Bench, flip, wait_for
from tests.package_source import CONVERTER, HOLD, wheel


def test_what_is_whole_is_left_alone(bench: Bench) -> None:
    before = bench.contents()
    told = bench.repair()
    assert (told["whole"], told["repaired"], told["damaged"]) == (True, False, [])
    assert told["files"] > len(MANY)
    assert bench.contents() == before


def test_a_flipped_bit_is_found_and_only_its_package_is_replaced(bench: Bench) -> None:
    right = bench.contents()
    other = (bench.site / "datasets" / "__init__.py").stat()
    flip(bench.site / "transformers" / "part_007.py", 8)
    (bench.site / "transformers" / "part_008.py").unlink()
    code, envelope = bench.run("repair", "--plan")
    assert code == 1
    (damage,) = envelope["data"]["damaged"]
    assert (damage["package"], damage["reason"]) == ("transformers", "files")
    assert damage["altered"] == ["transformers/part_007.py"]
    assert damage["missing"] == ["transformers/part_008.py"]
    assert bench.contents() != right
    told = bench.repair()
    assert told["repaired"] is True
    assert bench.contents() == right
    assert (bench.site / "datasets" / "__init__.py").stat().st_ino == other.st_ino
    assert bench.repair()["damaged"] == []


def test_what_uv_keeps_is_not_trusted(bench: Bench) -> None:
    """With hard links the cache has the damaged file itself: taking it from there again would repair nothing."""
    right = bench.contents()
    damaged = bench.site / "transformers" / "part_007.py"
    kept = list(Path(bench.environ["UV_CACHE_DIR"]).rglob("part_007.py"))
    assert kept
    for file in [damaged, *kept]:
        flip(file, 8)
    assert bench.repair()["repaired"] is True
    assert bench.contents() == right


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        pytest.param(None, "gone", id="gone"),
        pytest.param(b"", "list", id="empty"),
        pytest.param(b"\x00\xff\xfe", "list", id="nonsense"),
        pytest.param(b"datasets/__init__.py,sha256=AAAA,0\n", "list", id="a hash that is none"),
    ],
)
def test_a_damaged_list_is_replaced(bench: Bench, content: bytes | None, kind: str) -> None:
    listing = bench.site / "datasets-0.1.dist-info" / "RECORD"
    if content is None:
        shutil.rmtree(listing.parent)
    else:
        listing.write_bytes(content)
    told = bench.repair()
    assert [(damage["package"], damage["reason"]) for damage in told["damaged"]] == [("datasets", kind)]
    assert "datasets/__init__.py,sha256=" in listing.read_text(encoding="utf-8")
    assert bench.repair()["damaged"] == []


def test_a_list_that_lies_is_known_by_its_own_hash(bench: Bench) -> None:
    """A list in good form that misses a file: only what it hashed to when all was well tells."""
    listing = bench.site / "transformers-0.1.dist-info" / "RECORD"
    lines = listing.read_text(encoding="utf-8").splitlines(keepends=True)
    listing.write_text("".join(line for line in lines if "part_007" not in line), encoding="utf-8")
    (bench.site / "transformers" / "part_007.py").unlink()
    told = bench.repair()
    assert [(damage["package"], damage["reason"]) for damage in told["damaged"]] == [("transformers", "list")]
    assert (bench.site / "transformers" / "part_007.py").exists()
    assert "part_007" in listing.read_text(encoding="utf-8")


def test_a_damaged_program_works_again(bench: Bench) -> None:
    (program,) = bench.folder.glob("venv/*/accelerate*")
    program.write_bytes(b"nonsense")
    told = bench.repair()
    assert [damage["package"] for damage in told["damaged"]] == ["accelerate"]
    ran = subprocess.run([program], capture_output=True, encoding="utf-8", check=True)
    assert ran.stdout.strip() == "well"


def test_another_version_gives_way_to_the_locks(bench: Bench) -> None:
    name, content = wheel("peft", "0.9", {"peft/__init__.py": "raise SystemExit\n"})
    folder = bench.home.root / "other"
    folder.mkdir()
    (folder / name).write_bytes(content)
    import uv

    python = next(bench.folder.glob("venv/bin/python"), None) or bench.folder / "venv" / "Scripts" / "python.exe"
    subprocess.run(
        [uv.find_uv_bin(), "pip", "install", "--quiet", "--no-deps", "--python", str(python), str(folder / name)],
        env=bench.environ, check=True,
    )  # fmt: skip
    told = bench.repair()
    (damage,) = told["damaged"]
    assert (damage["reason"], damage["found"], damage["version"]) == ("version", "0.9", "0.1")
    assert (bench.site / "peft" / "__init__.py").read_text(encoding="utf-8") == "import transformers\n"


def test_what_the_user_added_stays_and_is_told(bench: Bench) -> None:
    own = bench.site / "transformers" / "my_notes.txt"
    own.write_text("mine", encoding="utf-8")
    extra = bench.site / "mine-1.0.dist-info"
    extra.mkdir()
    (extra / "RECORD").write_text("mine-1.0.dist-info/RECORD,,\nmine.py,sha256=" + "A" * 43 + ",0\n", encoding="utf-8")
    flip(bench.site / "transformers" / "part_001.py")
    told = bench.repair()
    assert own.read_text(encoding="utf-8") == "mine"
    assert told["added_files"] == ["transformers/my_notes.txt"]
    assert told["added_packages"] == ["mine 1.0"]
    assert told["added_damaged"] == ["mine"]
    assert extra.is_dir()


@pytest.mark.parametrize("part", ["convert_hf_to_gguf.py", "conversion"])
def test_a_damaged_converter_is_unpacked_anew(bench: Bench, part: str) -> None:
    damaged = bench.folder / "converter" / part
    if damaged.is_dir():
        shutil.rmtree(damaged)
    else:
        damaged.write_text("nonsense", encoding="utf-8")
    told = bench.repair()
    assert (told["converter_damaged"], told["damaged"]) == (True, [])
    assert damaged.exists()
    assert bench.repair()["converter_damaged"] is False
    assert any(name.startswith(CONVERTER.replace("-", "_")) for name in bench.source.served)


@pytest.mark.parametrize("part", ["pyvenv.cfg", "python"])
def test_an_interpreter_that_is_gone_is_made_again(bench: Bench, part: str) -> None:
    programs = bench.folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
    file = bench.folder / "venv" / part if part == "pyvenv.cfg" else programs / f"{part}{'.exe' * (os.name == 'nt')}"
    file.unlink()
    before = bench.contents()
    told = bench.repair()
    assert told["interpreter_damaged"] is True
    assert file.exists()
    assert bench.contents() == before


def test_only_the_proofs_that_concern_the_damage_run_again(bench: Bench) -> None:
    record = json.loads((bench.folder / RECORD).read_text(encoding="utf-8"))
    record["proved"] = ["import"]
    (bench.folder / RECORD).write_text(json.dumps(record), encoding="utf-8")
    flip(bench.site / "transformers" / "part_001.py")
    assert bench.repair()["proofs"] == ["import"]
    # Nothing is owed once the proofs have passed.
    assert "repairing" not in json.loads((bench.folder / RECORD).read_text(encoding="utf-8"))


def test_a_failed_proof_is_owed_to_the_next_repair(bench: Bench) -> None:
    record = json.loads((bench.folder / RECORD).read_text(encoding="utf-8"))
    (bench.folder / RECORD).write_text(json.dumps(record | {"proved": ["import", "luck"]}), encoding="utf-8")
    (bench.folder / "venv" / "pyvenv.cfg").unlink()
    code, envelope = bench.run("repair")
    assert (code, envelope["errors"][0]["code"]) == (3, "step_failed"), envelope
    assert "luck" in envelope["errors"][0]["message"]
    listed = {one["name"]: one["state"] for one in bench.run("list")[1]["data"]["environments"]}
    assert listed[bench.name] == "unproved"
    record = json.loads((bench.folder / RECORD).read_text(encoding="utf-8"))
    (bench.folder / RECORD).write_text(json.dumps(record | {"proved": ["import"]}), encoding="utf-8")
    assert bench.repair()["proofs"] == ["import"]


def test_without_the_network_the_damage_stays_what_it_was(bench: Bench) -> None:
    flip(bench.site / "transformers" / "part_001.py")
    before = bench.contents()
    bench.source.served.clear()
    shutil.rmtree(bench.environ["UV_CACHE_DIR"])
    code, envelope = bench.run("repair")
    assert code == 3
    assert envelope["errors"][0]["hint"]
    assert bench.contents() == before


def test_a_wrong_hash_is_refused(bench: Bench) -> None:
    flip(bench.site / "peft" / "__init__.py")
    before = bench.contents()
    shutil.rmtree(bench.environ["UV_CACHE_DIR"])
    bench.source.served |= dict([wheel("peft", "0.1", {"peft/__init__.py": "raise SystemExit('wrong')\n"})])
    code, envelope = bench.run("repair")
    assert (code, envelope["errors"][0]["code"]) == (3, "step_failed")
    assert "hash" in envelope["errors"][0]["message"]
    assert bench.contents() == before


@pytest.mark.skipif(os.name == "nt", reason="kills a whole group of processes")
@pytest.mark.parametrize("seed", range(4))
def test_killed_while_it_replaces_each_file_is_old_or_new(bench: Bench, seed: int) -> None:
    right = bench.contents()
    parts = [bench.site / path for path in MANY]
    for part in parts:
        flip(part)
    damaged = bench.contents()
    some = parts[random.Random(seed).randrange(len(parts))]
    name = some.relative_to(bench.site).as_posix()
    process = bench.start_repair()
    # Files come in the order of the list: one in the middle is new when the kill falls among them.
    wait_for(lambda: some.read_bytes() == right[name], process)
    bench.kill(process)
    for path, content in bench.contents().items():
        assert content in (damaged[path], right[path]), path
    assert bench.repair()["whole"] is True
    assert bench.contents() == right
    assert list(bench.home.scratch.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="kills a whole group of processes")
def test_killed_while_it_fetches(bench: Bench) -> None:
    flip(bench.site / "transformers" / "part_001.py")
    shutil.rmtree(bench.environ["UV_CACHE_DIR"])
    before = bench.contents()
    bench.source.holding.clear()
    bench.source._go_on.clear()
    bench.source.held = "transformers-0.1"
    process = bench.start_repair()
    wait_for(bench.source.holding.is_set, process)
    # A second one does not wait: it says that the first is at work.
    code, envelope = bench.run("repair")
    assert (code, envelope["errors"][0]["code"]) == (3, "step_failed")
    bench.kill(process)
    bench.source.release()
    assert bench.contents() == before
    assert bench.repair()["repaired"] is True


@pytest.mark.skipif(os.name == "nt", reason="kills a whole group of processes")
def test_killed_while_it_proves_the_next_proves(bench: Bench, tmp_path: Path) -> None:
    flip(bench.site / "transformers" / "part_001.py")
    held = tmp_path / "hold"
    held.touch()
    bench.environ = bench.environ | {HOLD: str(held)}
    process = bench.start_repair()
    wait_for(lambda: "repairing" in json.loads((bench.folder / RECORD).read_text(encoding="utf-8")), process)
    log = bench.home.logs / f"proof-{bench.name}.json"
    log.unlink(missing_ok=True)
    wait_for(log.exists, process)
    bench.kill(process)
    held.unlink()
    told = bench.repair()
    assert (told["damaged"], told["proofs"]) == ([], ["import"])


def test_of_an_unfinished_one_nothing_can_be_repaired(bench: Bench) -> None:
    (bench.home.environments / "tiny-7" / "venv").mkdir(parents=True)
    code, envelope = bench.run("repair", "tiny-7")
    assert (code, envelope["errors"][0]["code"]) == (2, "usage")
    assert "tunedoc install" in envelope["errors"][0]["hint"]


def test_without_its_lock_a_new_one_is_proposed(bench: Bench) -> None:
    (bench.folder / "pylock.toml").write_text("nonsense [", encoding="utf-8")
    code, envelope = bench.run("repair")
    assert (code, envelope["errors"][0]["code"]) == (3, "step_failed")
    assert "--rebuild" in envelope["errors"][0]["hint"]


def test_where_an_address_serves_no_more_the_machines_sources_do(bench: Bench) -> None:
    """The lock's addresses are those of the day: a wheel folder, or a mirror that is gone."""
    right = bench.contents()
    lock = bench.folder / "pylock.toml"
    words = lock.read_text(encoding="utf-8")
    lock.write_text(words.replace(bench.source.url.removesuffix("/simple"), "http://127.0.0.1:9"), encoding="utf-8")
    flip(bench.site / "transformers" / "part_001.py")
    flip(bench.site / "torch" / "__init__.py")
    assert bench.repair()["repaired"] is True
    assert bench.contents() == right


def test_a_folder_in_a_files_place_gives_way(bench: Bench) -> None:
    right = bench.contents()
    damaged = bench.site / "transformers" / "part_001.py"
    damaged.unlink()
    damaged.mkdir()
    assert bench.repair()["repaired"] is True
    assert bench.contents() == right
