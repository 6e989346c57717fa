"""Parts of the export that decide: room on the disk, the types asked for, the converter's last words."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainer.convert import Conversion, explain
from trainer.gguf_check import Contents, check_contents
from trainer.merge import base_template, read_config
from trainer.program import Refusal
from trainer.quantise import FILE_TYPES

MODEL = Path(__file__).parent.parent / "models" / "aidreams260k"


def contents(kind: str, **changes: object) -> Contents:
    fields: dict[str, object] = {
        "file_type": FILE_TYPES[kind].number,
        "architecture": "llama",
        "tensors": 3,
        "tensor_types": {FILE_TYPES[kind].main: 2, "F32": 1},
        "weights": 2,
        "chat_template": "{{ messages }}",
        "eos": 2,
    }
    return Contents(**(fields | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["f16", "Q8_0", "Q4_K_M"])
def test_a_right_file_passes(kind: str) -> None:
    check_contents(contents(kind), kind, tensors=3, template="{{ messages }}\n", file=MODEL)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"file_type": 1}, "type is number 1", id="a Q4_K_M whose header says f16"),
        pytest.param({"tensor_types": {"F16": 2, "F32": 1}}, "left in 16 bits", id="a Q4_K_M that is f16"),
        pytest.param({"tensors": 2}, "2 tensors", id="a lost tensor"),
        pytest.param({"chat_template": None}, "chat template", id="a stripped template"),
        pytest.param({"eos": None}, "end-of-text", id="no end-of-text token"),
    ],
)
def test_a_wrong_file_is_refused_by_name(changes: dict[str, object], words: str) -> None:
    with pytest.raises(Refusal) as caught:
        check_contents(contents("Q4_K_M", **changes), "Q4_K_M", tensors=3, template="{{ messages }}", file=MODEL)
    assert words in caught.value.message


def test_weights_that_the_type_cannot_divide_may_stay_in_16_bits() -> None:
    odd = contents("Q4_K_M", tensor_types={"Q4_K": 1, "F16": 1, "F32": 1}, fallbacks={"F16": 1})
    check_contents(odd, "Q4_K_M", tensors=3, template="{{ messages }}", file=MODEL)


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        (["NotImplementedError: BPE pre-tokenizer was not recognized - update get_vocab_base_pre()"], "bad_model"),
        (["ERROR:hf-to-gguf:Model FooForCausalLM is not supported"], "bad_model"),
        (["ModuleNotFoundError: No module named 'sentencepiece'"], "missing_package"),
        (["OSError: [Errno 28] No space left on device"], "no_space"),
        (["RuntimeError: something else"], "crashed"),
    ],
)
def test_the_converters_last_words_are_understood(lines: list[str], kind: str) -> None:
    assert explain(lines, 1, MODEL).kind == kind


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(Refusal) as caught:
        read_config(tmp_path)
    assert caught.value.kind == "bad_model"


def test_the_template_is_read_from_the_base_model() -> None:
    template = base_template(MODEL)
    assert template is not None
    assert "### assistant" in template


def test_a_folder_that_brings_its_own_code_is_not_converted(tmp_path: Path) -> None:
    converter, model = tmp_path / "converter", tmp_path / "model"
    converter.mkdir()
    model.mkdir()
    (converter / "convert_hf_to_gguf.py").write_text("raise SystemExit('it ran')", encoding="utf-8")
    (model / "tokenization_mine.py").write_text("raise SystemExit('so did this')", encoding="utf-8")
    with pytest.raises(Refusal) as refused:
        Conversion().run(model, tmp_path / "out.gguf", converter=converter, name="x")
    assert refused.value.kind == "bad_model"
    assert str(refused.value.file).endswith("tokenization_mine.py")
