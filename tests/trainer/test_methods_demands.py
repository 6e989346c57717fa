"""What a job combines and cannot be is refused before anything is loaded, and names the package that is missing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from trainer.contract import Job, Lora, Source
from trainer.demands import check_demands
from trainer.loading import attention_of, shares_mib
from trainer.program import Refusal

if TYPE_CHECKING:
    from pathlib import Path


def made(tmp_path: Path, *, quantised: dict[str, Any] | None = None, **fields: Any) -> Job:
    folder = tmp_path / "模型 model"
    folder.mkdir(exist_ok=True)
    config = {"model_type": "llama", **({"quantization_config": quantised} if quantised else {})}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return Job(model=str(folder), data=(Source(path="x.json"),), output=str(tmp_path / "run"), **fields)


@pytest.mark.parametrize(
    ("fields", "package"),
    [
        ({"quantisation": "nf4"}, "bitsandbytes"),
        ({"quantisation": "int8"}, "bitsandbytes"),
        ({"optimizer": "paged_adamw_8bit"}, "bitsandbytes"),
        ({"attention": "flash_attention_2"}, "flash-attn"),
        ({"kernels": "liger"}, "liger-kernel"),
        ({"quantised": {"quant_method": "gptq"}}, "gptqmodel"),
        ({"quantised": {"quant_method": "awq"}}, "gptqmodel"),
        ({"quantised": {"quant_method": "hqq"}}, "hqq"),
        ({"quantised": {"quant_method": "bitsandbytes", "load_in_4bit": True}}, "bitsandbytes"),
        ({"quantised": {"quant_method": "compressed-tensors"}}, "compressed-tensors"),
        ({"quantised": {"quant_method": "quanto"}}, "optimum-quanto"),
    ],
    ids=lambda value: value if isinstance(value, str) else json.dumps(value),
)
def test_a_package_that_is_not_there_is_named(tmp_path: Path, fields: dict[str, Any], package: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_demands(made(tmp_path, **fields), on_gpu=True, gpus=1)
    assert refused.value.kind == "missing_package"
    assert refused.value.package == package


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"quantisation": "nf4", "tuning": "full"}, "needs an adapter"),
        ({"tuning": "freeze", "lora": Lora(plus_ratio=16.0)}, "plus_ratio"),
        ({"quantisation": "nf4", "lora": Lora(start="pissa")}, "pissa"),
        ({"lora": Lora(start="pissa", dora=True)}, "dora"),
        ({"method": "dpo", "lora": Lora(start="pissa")}, "dpo"),
        ({"method": "kto", "packing": "padding_free"}, "padding_free"),
        ({"method": "reward", "sample_prompts": ("hi",)}, "sample_prompts"),
        ({"split": "layers"}, "two GPUs"),
        ({"split": "layers", "processes": 2}, "processes: 1"),
        ({"optimizer": "adamw_8bit"}, "NVIDIA GPU"),
        ({"attention": "flash_attention_2"}, "NVIDIA GPU"),
        ({"quantised": {"quant_method": "gptq"}, "tuning": "full"}, "adapter only"),
        ({"quantised": {"quant_method": "gptq"}, "quantisation": "nf4"}, "quantised already"),
        ({"quantised": {"quant_method": "awq"}, "lora": Lora(start="pissa")}, "16-bit original"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_what_cannot_be_had_together_is_refused(tmp_path: Path, fields: dict[str, Any], words: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_demands(made(tmp_path, **fields), on_gpu=False, gpus=1)
    assert refused.value.kind == "bad_job"
    assert words in refused.value.message


@pytest.mark.parametrize("by", ["vptq", "spqr", "higgs", "quark", "auto-round", "something new"])
def test_a_quantised_base_that_nobody_can_train_on_is_refused(tmp_path: Path, by: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_demands(made(tmp_path, quantised={"quant_method": by}), on_gpu=True, gpus=2)
    assert refused.value.kind == "bad_model"
    assert by in refused.value.message
    assert refused.value.file is not None
    assert refused.value.file.endswith("config.json")


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"method": "kto", "tuning": "full"},
        {"method": "reward", "lora": Lora(start="pissa")},
        {"packing": "padding_free", "method": "pretrain", "tuning": "freeze"},
        {"lora": Lora(dora=True, rslora=True, plus_ratio=16.0, modules_to_save=("lm_head",))},
        {"optimizer": "adafactor", "gradient_checkpointing": "on", "neftune_alpha": 5.0},
    ],
    ids=lambda fields: "-".join(fields) or "plain",
)
def test_what_can_be_had_is_let_through(tmp_path: Path, fields: dict[str, Any]) -> None:
    check_demands(made(tmp_path, **fields), on_gpu=False, gpus=0)


@pytest.mark.parametrize(("weights", "gpus"), [(14_000, 2), (40_000, 3), (101, 2)])
def test_a_split_gives_the_last_card_less_for_it_holds_the_head(weights: int, gpus: int) -> None:
    shares = shares_mib(weights, gpus)
    assert len(shares) == gpus
    assert abs(sum(shares) - weights) <= gpus
    assert len(set(shares[:-1])) == 1
    assert 0.8 < shares[-1] / shares[0] < 0.9


def test_the_attention_that_is_asked_for_is_taken(tmp_path: Path) -> None:
    assert attention_of(made(tmp_path, attention="eager")) == "eager"
    assert attention_of(made(tmp_path)) == "sdpa"
