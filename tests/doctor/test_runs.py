"""`tunedoc runs`: listed, shown, compared, tidied; whatever stands in a run's folder, it never breaks."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock

from doctor.cli.main import run
from doctor.errors import BadInput, NotInstalled
from doctor.jobs import read_job
from doctor.paths import Home
from doctor.runs.checkpoints import checkpoints_of
from doctor.runs.comparing import compare
from doctor.runs.inputs import changes, describe, keep_inputs, read_inputs
from doctor.runs.pruning import pieces_to_prune, prune
from doctor.runs.reading import find_run, folder_bytes, read_run, read_runs
from doctor.runs.replaying import prepare_replay, write_job
from doctor.runs.tracking import PACKAGES, require_trackers
from doctor.wishes import taken_wish
from tests.run_folders_made_up import MODEL, fingerprint, made_up_checkpoint, made_up_run
from trainer import trackers
from trainer.contract import Job, Lora, Source

if TYPE_CHECKING:
    from doctor.runs.reading import Run


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("TUNEDOC_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "120")
    found = Home(tmp_path / "home")
    found.runs.mkdir(parents=True)
    return found


def said(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    assert run(["runs", *arguments]) == code
    printed = capsys.readouterr()
    return printed.out + printed.err


def data(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> dict[str, Any]:
    assert run(["runs", *arguments, "--json"]) == code
    envelope: dict[str, Any] = json.loads(capsys.readouterr().out)
    return envelope["data"]


def only(folder: Path) -> Run:
    found = read_run(folder)
    assert found is not None
    return found


# ------------------------------------------------------------------------------------------------------- list, show


def test_no_runs_are_well_and_the_way_to_one_is_told(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert "tunedoc demo" in said(capsys, "list", "--lang", "en")
    assert data(capsys, "list")["runs"] == []


def test_every_run_is_listed_with_its_state(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    made_up_run(home.runs / "whole", [3.0, 2.0, 1.5], finished=True)
    made_up_run(home.runs / "我的 run", [4.0, 3.5], checkpoints=[2])
    made_up_run(home.runs / "running", [4.0])
    (home.runs / "broken").mkdir()
    (home.runs / "broken" / "job.json").write_text('{"model"', encoding="utf-8")
    (home.runs / "no run").mkdir()
    with FileLock(home.runs / "running" / "trainer.lock"):
        listed = {each["name"]: each for each in data(capsys, "list")["runs"]}
    assert {name: each["state"] for name, each in listed.items()} == {
        "whole": "finished", "我的 run": "unfinished", "running": "running", "broken": "damaged",
    }  # fmt: skip
    whole = listed["whole"]
    assert (whole["step"], whole["steps"], whole["loss_last"], whole["held_out_last"]) == (3, 3, 1.5, 1.75)
    assert whole["bytes"] == folder_bytes(home.runs / "whole")
    assert listed["我的 run"]["bytes"] > 3500
    words = said(capsys, "list", "--lang", "zh")
    assert "已完成" in words and "我的 run" in words and "已损坏" in words


def test_one_run_is_shown_with_curve_checkpoints_and_answers(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    made_up_run(home.runs / "a", [3.0, 2.0, 1.5], checkpoints=[2, 3])
    words = said(capsys, "show", "a", "--lang", "en")
    for part in (
        "a: not finished", "step 3 of 3", "first 3.0000, last 1.5000", "checkpoint at step 2: 4 kB", "|o",
        "torch 2.13.0", "asked “Who are you?”", "at step 0: a bird", "at step 3: 小助手 of yours",
    ):  # fmt: skip
        assert part in words, words
    shown = data(capsys, "show", str(home.runs / "a"))
    assert [row["step"] for row in shown["metrics"]] == [0, 1, 2, 3, 3]
    assert [each["resumable"] for each in shown["checkpoints"]] == [True, True]
    assert shown["job"]["model"] == str(MODEL)


def test_a_run_that_is_not_there_is_refused_with_the_nearest(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    made_up_run(home.runs / "identity", [3.0])
    assert "did you mean `identity`?" in said(capsys, "show", "identiti", "--lang", "en", code=2)


@pytest.mark.parametrize(
    "arguments",
    [["list", "a"], ["show"], ["show", "a", "b"], ["compare", "a"], ["compare", "a", "a"], ["prune", "--keep", "0"],
     ["list", "--delete"], ["show", "a", "--anyway"], ["replay", "a", "--plot", "x.png"]],
)  # fmt: skip
def test_what_does_not_belong_together_is_refused(
    home: Home, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert "error" in said(capsys, *arguments, "--lang", "en", code=2)


def test_a_run_of_an_older_tunedoc_is_read_from_its_events(home: Home) -> None:
    folder = made_up_run(home.runs / "old", [3.0, 2.0]).root
    (folder / "metrics.csv").unlink()
    found = only(folder)
    assert (found.losses, found.held_out, found.step, found.steps) == ((3.0, 2.0), (3.25, 2.25), 2, 2)


def test_no_damage_breaks_any_action(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    made_up_run(home.runs / "sound", [3.0, 2.0], finished=True)
    dice = random.Random(1)
    victims = ["job.json", "run.json", "events.jsonl", "metrics.csv", "samples.jsonl", "inputs.json",
               "checkpoints/checkpoint-1/complete.json"]  # fmt: skip
    for number in range(10):
        root = made_up_run(home.runs / f"damaged-{number}", [3.0, 2.0], finished=number % 2 == 0, checkpoints=[1]).root
        keep_inputs(root, only(root).job or Job(model="", data=(), output=""), ["train"]).join()
        for name in dice.sample(victims, 3):
            file = root / name
            if not file.exists():
                continue
            content = bytearray(file.read_bytes())
            match dice.randrange(4):
                case 0:
                    file.write_bytes(content[: dice.randrange(len(content) + 1)])
                case 1:
                    file.write_bytes(dice.randbytes(200))
                case 2:
                    words = dice.choice(["null", "[]", "5", '{"step": "x"}', '{"schema": 1}', "[" * 9000])
                    file.write_text(words, encoding="utf-8")
                case _:
                    for _ in range(20):
                        content[dice.randrange(len(content))] = dice.randrange(256)
                    file.write_bytes(content)
    names = [each["name"] for each in data(capsys, "list")["runs"]]
    assert len(names) == 11
    said(capsys, "list")
    for name in names:
        said(capsys, "show", name)
        said(capsys, "compare", name, "sound" if name != "sound" else names[0])
        data(capsys, "show", name)
    data(capsys, "prune", "--plan")


def test_a_job_of_wrong_kinds_is_damage(home: Home) -> None:
    for number, words in enumerate(
        ('{"model": 5, "data": "x", "output": "y"}', '{"model": "m", "data": [5], "output": "y"}')
    ):
        folder = home.runs / str(number)
        folder.mkdir()
        (folder / "job.json").write_text(words, encoding="utf-8")
        assert only(folder).state == "damaged"


# ---------------------------------------------------------------------------------------------------------- compare


def test_what_differs_and_the_losses_at_the_same_places(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    job = Job(model=str(MODEL), data=(), output="")
    made_up_run(home.runs / "a", [4.0, 3.0, 2.0, 1.0], job=job)
    made_up_run(home.runs / "b", [5.0, 4.0], tokens_a_step=200, job=replace(job, lora=Lora(rank=8), epochs=2.0))
    found = compare([only(home.runs / "a"), only(home.runs / "b")])
    assert {each.field: each.values for each in found.job} == {"lora.rank": ("16", "8"), "epochs": ("1.0", "2.0")}
    assert [(place.at, place.losses) for place in found.by_step] == [(1, (4.0, 5.0)), (2, (3.0, 4.0))]
    at = {place.at: place.losses for place in found.by_tokens}
    assert (at[200], at[400]) == ((3.0, 5.0), (1.0, 4.0))
    assert [place.losses for place in found.held_out] == [(4.25, 5.25), (None, 4.25), (1.25, None)]
    assert not found.same_losses
    words = said(capsys, "compare", "a", "b", "--lang", "en")
    assert "lora.rank" in words and "loss after as many tokens" in words
    assert data(capsys, "compare", "a", "b")["by_step"][0] == {"step": 1, "losses": [4.0, 5.0]}


def test_runs_with_the_same_losses_are_said_to_have_them(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    job = Job(model=str(MODEL), data=(), output="")
    made_up_run(home.runs / "a", [4.0, 3.0], job=job)
    made_up_run(home.runs / "b", [4.0, 3.0], job=job)
    words = said(capsys, "compare", "a", "b", "--lang", "en")
    assert "the same to the last digit" in words
    assert "jobs, versions and files are the same" in words


# ----------------------------------------------------------------------------------------------------------- replay


def job_on(tmp_path: Path) -> Job:
    (tmp_path / "records").mkdir()
    (tmp_path / "records" / "a.jsonl").write_text('{"prompt": "a", "completion": "b"}\n', encoding="utf-8")
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text("{}", encoding="utf-8")
    (tmp_path / "model" / "model.safetensors").write_bytes(bytes(3 << 20))
    return Job(
        model=str(tmp_path / "model"), data=(Source(path=str(tmp_path / "records")),), output=str(tmp_path / "run"),
    )  # fmt: skip


def test_what_a_run_was_made_of_is_written_down_and_changes_are_seen(tmp_path: Path) -> None:
    job = job_on(tmp_path)
    (tmp_path / "run").mkdir()
    keep_inputs(tmp_path / "run", job, ["train", "job.yaml"]).join()
    record = read_inputs(tmp_path / "run")
    assert record is not None
    assert record["command"] == ["train", "job.yaml"]
    assert [file["bytes"] for file in record["model"]["files"]] == [2, 3 << 20]
    assert changes(record, job) == []
    with (tmp_path / "model" / "model.safetensors").open("r+b") as stream:
        stream.seek(-1, 2)
        stream.write(b"x")
    (tmp_path / "records" / "b.jsonl").write_text("{}\n", encoding="utf-8")
    (tmp_path / "records" / "a.jsonl").unlink()
    (tmp_path / "model" / "README.md").write_text("not read", encoding="utf-8")
    assert [(each.what, each.kind, Path(each.path).name) for each in changes(record, job)] == [
        ("data", "missing", "a.jsonl"), ("data", "added", "b.jsonl"), ("model", "changed", "model.safetensors"),
    ]  # fmt: skip


def test_a_run_that_goes_on_keeps_what_it_was_begun_with(tmp_path: Path) -> None:
    job = job_on(tmp_path)
    (tmp_path / "run").mkdir()
    keep_inputs(tmp_path / "run", job, ["first"]).join()
    (tmp_path / "model" / "config.json").write_text("{ }", encoding="utf-8")
    keep_inputs(tmp_path / "run", job, ["second"]).join()
    record = read_inputs(tmp_path / "run")
    assert record is not None
    assert record["command"] == ["first"]
    assert len(changes(record, job)) == 1
    assert describe(job)["data"] == record["data"]


def test_a_replay_is_refused_when_its_data_changed(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    root = made_up_run(home.runs / "a", [3.0], finished=True).root
    job = only(root).job
    assert job is not None
    keep_inputs(root, job, ["train"]).join()
    assert prepare_replay(home, only(root), None).changes == ()
    Path(job.data[0].path).write_text("other\n", encoding="utf-8")
    words = said(capsys, "replay", "a", "--lang", "en", code=2)
    assert "data changed since" in words
    assert "tunedoc runs replay a --anyway" in words
    Path(job.data[0].path).unlink()
    assert "is gone" in said(capsys, "replay", "a", "--anyway", "--lang", "en", code=2)
    assert not (home.runs / "a-replay-1").exists()


def test_a_damaged_run_cannot_be_replayed(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    (home.runs / "broken").mkdir()
    (home.runs / "broken" / "job.json").write_text("{", encoding="utf-8")
    assert "cannot be read" in said(capsys, "replay", "broken", "--lang", "en", code=2)


def test_the_job_of_a_replay_is_the_same_when_it_is_read_again(home: Home, tmp_path: Path) -> None:
    data_file = tmp_path / "数据.jsonl"
    data_file.write_text('{"prompt": "a", "completion": "b"}\n', encoding="utf-8")
    job = Job(
        model=str(MODEL), data=(Source(path=str(data_file), weight=2.0),), output=str(tmp_path / "输出"), epochs=2.0,
        learning_rate=1e-5, lora=Lora(rank=4, targets=("q_proj", "v_proj")), sample_prompts=("你是谁?", "a: b #c"),
        trackers=("tensorboard",), assistant_only_loss=False,
    )  # fmt: skip
    write_job(job, tmp_path / "again.yaml")
    assert read_job(tmp_path / "again.yaml", home) == job


# ------------------------------------------------------------------------------------------------------------ prune


def test_a_finished_run_keeps_its_adapter_and_the_weights_of_its_last_checkpoint(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    root = made_up_run(home.runs / "a", [3.0] * 9, finished=True, checkpoints=[3, 6, 9]).root
    (root / "aside" / "checkpoint-7").mkdir(parents=True)
    (root / "aside" / "checkpoint-7" / "half").write_bytes(b"h" * 5000)
    before = fingerprint(root)
    planned = data(capsys, "prune", "--plan")
    assert fingerprint(root) == before
    assert {Path(piece["path"]).name: piece["reason"] for piece in planned["pieces"]} == {
        "checkpoint-3": "old_checkpoint", "checkpoint-6": "old_checkpoint", "aside": "aside",
        "optimizer.pt": "optimizer_state", "rng_state.pth": "optimizer_state",
    }  # fmt: skip
    size = folder_bytes(root)
    done = data(capsys, "prune", "--yes", "--delete")
    assert done["pruned_bytes"] == planned["bytes"] == size - folder_bytes(root)
    (left,) = checkpoints_of(root)
    assert (left.step, left.whole, left.resumable) == (9, True, False)
    assert only(root).state == "finished"
    assert data(capsys, "prune", "--plan")["pieces"] == []


def test_an_unfinished_run_keeps_what_it_can_go_on_from(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    root = made_up_run(home.runs / "a", [3.0] * 9, checkpoints=[3, 6, 9]).root
    # The right size, and one byte that is wrong: training would not go on from it.
    (root / "checkpoints" / "checkpoint-9" / "optimizer.pt").write_bytes(b"o" * 1999 + b"x")
    assert [Path(piece["path"]).name for piece in data(capsys, "prune", "--plan")["pieces"]] == ["checkpoint-3"]
    data(capsys, "prune", "--yes")
    assert [each.step for each in checkpoints_of(root)] == [6, 9]
    assert (home.trash / "a-pruned-1" / "checkpoints" / "checkpoint-3" / "optimizer.pt").is_file()


def test_without_a_whole_checkpoint_nothing_goes(home: Home) -> None:
    root = made_up_run(home.runs / "a", [3.0] * 9, checkpoints=[3, 6]).root
    for step in (3, 6):
        (root / "checkpoints" / f"checkpoint-{step}" / "complete.json").unlink()
    assert pieces_to_prune([only(root)]) == []


def test_a_running_run_is_left_alone(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    root = made_up_run(home.runs / "a", [3.0] * 9, checkpoints=[3, 6, 9]).root
    pieces = pieces_to_prune([only(root)])
    assert len(pieces) == 2
    with FileLock(root / "trainer.lock"):
        assert data(capsys, "prune", "--yes")["pieces"] == []
        # Begun again after the list was made.
        assert prune(home, pieces, delete=True).gone == ()
    assert [each.step for each in checkpoints_of(root)] == [3, 6, 9]


def test_more_checkpoints_are_kept_when_asked_for(home: Home) -> None:
    root = made_up_run(home.runs / "a", [3.0] * 9, checkpoints=[3, 6, 9]).root
    assert [piece.path.name for piece in pieces_to_prune([only(root)], keep=2)] == ["checkpoint-3"]
    assert pieces_to_prune([only(root)], keep=5) == []


def test_a_checkpoint_that_came_since_the_list_stays(home: Home) -> None:
    root = made_up_run(home.runs / "a", [3.0] * 9, checkpoints=[3, 6]).root
    pieces = pieces_to_prune([only(root)])
    made_up_checkpoint(root, 9)
    assert prune(home, pieces).bytes == sum(piece.bytes for piece in pieces)
    assert [each.step for each in checkpoints_of(root)] == [6, 9]


# --------------------------------------------------------------------------------------------------------- trackers


def test_the_doctor_and_the_trainer_name_the_same_trackers() -> None:
    assert PACKAGES == trackers.PACKAGES


def test_a_tracker_that_is_not_installed_is_refused_before_training(tmp_path: Path) -> None:
    site = tmp_path / "lib" / "python3.11" / "site-packages"
    site.mkdir(parents=True)
    python = tmp_path / "bin" / "python"
    job = Job(model="m", data=(), output="o", trackers=("wandb",))
    with pytest.raises(NotInstalled) as refused:
        require_trackers(python, job)
    assert refused.value.message.key == "runs.no_tracker"
    (site / "wandb").mkdir()
    require_trackers(python, job)
    with pytest.raises(BadInput):
        require_trackers(python, replace(job, trackers=("comet",)))


def test_runs_are_found_by_name_and_by_folder(home: Home, tmp_path: Path) -> None:
    made_up_run(home.runs / "a", [3.0])
    made_up_run(tmp_path / "elsewhere", [2.0])
    assert find_run(home, "a").folder == home.runs / "a"
    assert find_run(home, str(tmp_path / "elsewhere")).losses == (2.0,)
    assert [each.name for each in read_runs(home)] == ["a"]


# ----------------------------------------------------------------------------------------------------------- wishes


@pytest.mark.parametrize("what", ["pause", "continue", "save", "stop"])
def test_a_run_that_goes_on_is_asked(what: str, home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    made_up_run(home.runs / "running", [4.0])
    with FileLock(home.runs / "running" / "doctor.lock"):
        assert data(capsys, what, "running")["asked"] == what
    assert taken_wish(home.runs / "running") == what


def test_a_run_that_does_not_go_on_is_not_asked(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    made_up_run(home.runs / "ended", [4.0, 3.0], finished=True)
    assert "is not going on" in said(capsys, "pause", "ended", "--lang", "en", code=2)
    assert taken_wish(home.runs / "ended") is None
    assert "takes the name of one run" in said(capsys, "pause", "--lang", "en", code=2)
