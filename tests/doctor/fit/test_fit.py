"""The planner's choices: placements, verdicts, levers, storage, and shapes of all kinds of models."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest

from doctor.fit.fit import estimate, fit
from doctor.fit.memory import calibrated
from doctor.fit.model import GIB, Band, Card, Fit, HostMemory, Measured
from doctor.fit.placing import spread
from doctor.fit.shape import Tensor, UnknownShape, read_shape
from doctor.fit.software import Versions, loss_path, software_of, versions_of
from trainer.contract import Job, Lora

NOW = Versions(torch="2.13.0", transformers="5.23.0", trl="1.16.0", peft="0.21.2", triton="3.7.0")
QWEN = {
    "model_type": "qwen2",
    "hidden_size": 3584,
    "num_hidden_layers": 28,
    "intermediate_size": 18944,
    "num_attention_heads": 28,
    "num_key_value_heads": 4,
    "vocab_size": 152064,
    "tie_word_embeddings": False,
}


def job(**given: Any) -> Job:
    return Job(model="", data=(), output="", **given)


def cards(*gib: float) -> tuple[Card, ...]:
    return tuple(Card(index=i, total=int(size * GIB), free=int(size * GIB)) for i, size in enumerate(gib))


def answer(wanted: Job, *gib: float, config: dict[str, Any] = QWEN, versions: Versions = NOW, **given: Any) -> Fit:
    return fit(read_shape(config), wanted, cards(*gib), versions, **given)


# ---------------------------------------------------------------------------------------- placement and verdict


def test_a_small_job_stays_on_one_card_or_takes_both_side_by_side() -> None:
    found = answer(job(quantisation="nf4", per_device_batch_size=1), 16, 16)
    assert found.verdict == "fits"
    assert found.placement.kind == "one"
    both = answer(job(quantisation="nf4", per_device_batch_size=1, processes=2), 16, 16)
    assert both.placement.kind == "parallel"
    assert len(both.placement.needs) == 2
    alone, beside = found.placement.worst.device.likely, both.placement.worst.device.likely
    assert alone < beside < alone + GIB


def test_what_is_too_large_for_one_card_is_spread_and_the_last_card_gets_fewer_layers_for_its_logits() -> None:
    old = replace(NOW, trl="1.6.0")
    wanted = job(per_device_batch_size=1, max_length=4096)
    found = answer(wanted, 20, 20, versions=old)
    assert found.verdict == "too_large"
    assert found.placement.kind == "split"
    first, last = found.placement.needs
    assert first.layers + last.layers == 28
    assert last.layers < first.layers
    assert len(found.weights_mib) == 2
    assert found.weights_mib[0] > found.weights_mib[1]
    # Cut by bytes: no other cut makes the fuller card emptier.
    shape = read_shape(QWEN)
    software = software_of(wanted, shape, old, on_gpu=True)
    best = spread(shape, wanted, software, cards(20, 20)).worst.device.likely
    from doctor.fit.memory import need_of

    for cut in range(1, 28):
        parts = [
            need_of(shape, wanted, software, layers=part, rows=1, tokens=4096).device.likely
            for part in (range(cut), range(cut, 28))
        ]
        assert max(parts) >= best * 0.999


def test_unequal_cards_get_unequal_shares() -> None:
    found = answer(job(per_device_batch_size=1, split="layers"), 24, 12)
    assert found.as_asked.kind == "split"
    large, small = found.as_asked.needs
    assert large.layers > small.layers


def test_what_the_desktop_holds_is_not_counted_as_free() -> None:
    shape, wanted = read_shape(QWEN), job(quantisation="nf4", per_device_batch_size=1)
    idle = Card(index=0, total=10 * GIB, free=10 * GIB)
    busy = replace(idle, free=7 * GIB, display=True)
    assert fit(shape, wanted, [idle], NOW).verdict == "fits"
    assert fit(shape, wanted, [busy], NOW).verdict != "fits"


def test_without_cards_main_memory_counts() -> None:
    small = {**QWEN, "hidden_size": 896, "num_hidden_layers": 24, "intermediate_size": 4864, "num_attention_heads": 14,
             "num_key_value_heads": 2, "tie_word_embeddings": True}  # fmt: skip
    host = HostMemory(total=24 * GIB, available=20 * GIB)
    found = fit(read_shape(small), job(per_device_batch_size=1), (), NOW, host=host, native_bf16=False)
    assert found.as_asked.kind == "host"
    assert found.verdict == "fits"
    assert 4 * GIB < found.as_asked.worst.device.likely < 8 * GIB
    tight = HostMemory(total=4 * GIB, available=2 * GIB)
    assert fit(read_shape(small), job(), (), NOW, host=tight).verdict == "too_large"


# ---------------------------------------------------------------------------------------- what the memory follows


@pytest.mark.parametrize(
    ("more", "less"),
    [
        ({"max_length": 2048}, {"max_length": 1024}),
        ({"per_device_batch_size": 8}, {"per_device_batch_size": 2}),
        ({"gradient_checkpointing": "off"}, {"gradient_checkpointing": "on"}),
        ({"quantisation": "none"}, {"quantisation": "int8"}),
        ({"quantisation": "int8", "per_device_batch_size": 1}, {"quantisation": "nf4", "per_device_batch_size": 1}),
        ({"tuning": "full"}, {"tuning": "freeze"}),
        ({"tuning": "freeze"}, {"tuning": "lora"}),
        ({"optimizer": "adamw", "tuning": "full"}, {"optimizer": "adamw_8bit", "tuning": "full"}),
        ({"optimizer": "adamw_8bit", "tuning": "full"}, {"optimizer": "sgd", "tuning": "full"}),
        ({"precision": "fp32"}, {"precision": "bf16"}),
        ({"attention": "eager"}, {"attention": "sdpa"}),
        ({"lora": Lora(rank=128)}, {"lora": Lora(rank=8)}),
        ({"lora": Lora(modules_to_save=("lm_head", "embed_tokens"))}, {"lora": Lora()}),
        ({"lora": Lora()}, {"lora": Lora(targets=("q_proj", "v_proj"))}),
        ({"method": "dpo"}, {"method": "sft"}),
        ({"lora": Lora(dropout=0.1)}, {"lora": Lora()}),
        ({"lora": Lora(dora=True)}, {"lora": Lora()}),
        ({"double_quantisation": False, "quantisation": "nf4"}, {"quantisation": "nf4"}),
    ],
)
def test_more_takes_more(more: dict[str, Any], less: dict[str, Any]) -> None:
    assert answer(job(**more), 80).as_asked.worst.device.likely > answer(job(**less), 80).as_asked.worst.device.likely


def test_the_loss_path_follows_trl() -> None:
    assert loss_path(Versions(trl="1.16.0")) == "trl_tiles"
    assert loss_path(Versions(trl="1.14.2")) == "trl_chunks"
    assert loss_path(Versions(trl="1.6.0")) == "stock"
    assert loss_path(Versions()) == "trl_tiles"
    wanted = job(quantisation="nf4", per_device_batch_size=4, max_length=2048)
    old = answer(wanted, 80, versions=replace(NOW, trl="1.6.0")).as_asked.worst.device.likely
    new = answer(wanted, 80).as_asked.worst.device.likely
    # 12 bytes for each of 4 x 2,048 x 152,064 logits.
    assert old - new > 9 * GIB
    assert "loss" in {lever.name for lever in answer(wanted, 16, versions=replace(NOW, trl="1.6.0")).levers}


def test_without_triton_the_loss_takes_fp32_copies_of_its_tiles() -> None:
    windows = Versions(torch="2.13.0", transformers="5.23.0", trl="1.16.0", system="windows")
    wanted = job(quantisation="nf4", per_device_batch_size=4)
    plain = answer(wanted, 80, versions=windows)
    kernels = answer(wanted, 80, versions=replace(windows, triton="3.7.0"))
    assert plain.as_asked.worst.device.likely - kernels.as_asked.worst.device.likely > 2 * GIB


def test_the_band_is_a_band_and_its_parts_make_up_the_whole() -> None:
    need = answer(job(), 80).as_asked.worst
    assert need.device.low < need.device.likely < need.device.high
    assert sum(part.bytes.likely for part in need.components if part.at_peak) == pytest.approx(
        need.device.likely, rel=0.001
    )


# ---------------------------------------------------------------------------------------- levers and the rest


def test_every_lever_saves_what_it_says() -> None:
    wanted = job(per_device_batch_size=4, max_length=2048)
    before = answer(wanted, 16)
    assert before.verdict == "too_large"
    for lever in before.levers:
        if lever.changes:
            after = answer(replace(wanted, **lever.changes), 16)
            assert before.as_asked.worst.device.likely - after.as_asked.worst.device.likely == lever.saves, lever
            assert after.verdict == lever.verdict
    lengths = [lever for lever in before.levers if lever.name == "length"]
    assert lengths[0].before == 2048


def test_where_one_change_will_not_do_several_are_named_together() -> None:
    wanted = job(per_device_batch_size=8, max_length=2048, optimizer="adamw")
    found = answer(wanted, 8)
    together = [lever for lever in found.levers if lever.name == "together"]
    assert together
    assert answer(replace(wanted, **together[0].changes), 8).verdict == "fits"
    assert len(together[0].parts) > 1


def test_a_batch_that_shrinks_keeps_the_records_of_a_step() -> None:
    found = answer(job(per_device_batch_size=6, gradient_accumulation=2), 12)
    for lever in found.levers:
        if lever.name == "batch":
            assert lever.changes["per_device_batch_size"] * lever.changes["gradient_accumulation"] >= 12


def test_disk_and_host_memory_follow_the_job() -> None:
    lora = answer(job(save_limit=2), 80, download=15 * GIB)
    full = answer(job(tuning="full", save_limit=2), 80)
    assert lora.storage.download == 15 * GIB
    # Three checkpoints of weights in fp32 and two states.
    assert full.storage.checkpoints == pytest.approx(3 * 12 * full.trained, rel=0.01)
    assert lora.storage.checkpoints < GIB * 2
    assert lora.loading.low < lora.loading.high < 8 * GIB
    paged = answer(job(tuning="full", optimizer="paged_adamw"), 80)
    assert paged.loading.high > 8 * paged.trained


def test_a_calibration_takes_the_place_of_the_rules() -> None:
    wanted = job(quantisation="nf4", per_device_batch_size=1)
    plain = answer(wanted, 16)
    said = plain.as_asked.worst.allocated.likely
    points = ((said // 2, said * 6 // 10), (said, said * 12 // 10))
    measured = Measured(card="x", versions="y", family="z", points=points)
    found = answer(wanted, 16, measured=measured)
    assert found.measured is measured
    assert found.as_asked.worst.reserved.likely == pytest.approx(1.2 * said, rel=0.01)
    band = found.as_asked.worst.reserved
    assert band.high - band.low < 0.07 * band.likely


def test_a_calibration_of_one_point_scales_and_of_none_does_nothing() -> None:
    band = Band(90, 100, 110)
    one = calibrated(Measured(card="", versions="", family="", points=((100, 150),)), band)
    assert one is not None
    assert one.likely == 150
    assert calibrated(Measured(card="", versions="", family="", points=()), band) is None


def test_estimates_for_a_form_say_the_same_without_advice() -> None:
    wanted = job(quantisation="nf4")
    assert estimate(read_shape(QWEN), wanted, cards(16), NOW).as_asked == answer(wanted, 16).as_asked


# ---------------------------------------------------------------------------------------- shapes


def test_sizes_from_the_configuration_are_those_of_the_models() -> None:
    assert read_shape(QWEN).numbers == pytest.approx(7_615_616_512, rel=0.001)
    tied = {**QWEN, "tie_word_embeddings": True}
    assert read_shape(QWEN).numbers - read_shape(tied).numbers == 152064 * 3584


def test_a_head_of_its_own_is_seen_where_the_configuration_is_silent() -> None:
    silent = {name: value for name, value in QWEN.items() if name != "tie_word_embeddings"}
    embedding = {"model.embed_tokens.weight": Tensor("BF16", (152064, 3584))}
    assert read_shape(silent, embedding).tied
    assert not read_shape(silent, embedding | {"lm_head.weight": Tensor("BF16", (152064, 3584))}).tied
    assert read_shape({**silent, "model_type": "gemma2"}).tied
    assert not read_shape({**silent, "model_type": "llama"}).tied


def test_layers_that_only_guess_ahead_are_not_counted() -> None:
    names = [f"model.layers.{place}.self_attn.q_proj.weight" for place in range(29)]
    shape = read_shape(QWEN, {name: Tensor("BF16", (3584, 3584)) for name in names})
    assert len(shape.layers) == 28


def test_names_that_tell_no_layers_leave_it_to_the_configuration() -> None:
    shape = read_shape(QWEN, {"something.else": Tensor("F16", (10, 10))})
    assert len(shape.layers) == 28
    assert shape.numbers == read_shape(QWEN).numbers


def test_experts_in_one_tensor_stay_in_16_bits_and_only_the_chosen_ones_compute() -> None:
    config = {
        "model_type": "qwen3_moe", "hidden_size": 2048, "num_hidden_layers": 48, "intermediate_size": 6144,
        "moe_intermediate_size": 768, "num_experts": 128, "num_experts_per_tok": 8, "num_attention_heads": 32,
        "num_key_value_heads": 4, "head_dim": 128, "vocab_size": 151936, "tie_word_embeddings": False,
    }  # fmt: skip
    shape = read_shape(config)
    assert shape.numbers == pytest.approx(30.5e9, rel=0.01)
    assert shape.inner == 8 * 768
    found = fit(shape, job(quantisation="nf4", per_device_batch_size=1), cards(80), NOW)
    assert found.as_asked.worst.weights > 50 * GIB
    assert found.trained < 200e6


def test_latent_attention_is_counted_by_its_own_matrices() -> None:
    config = {
        "model_type": "deepseek_v2", "hidden_size": 2048, "num_hidden_layers": 27, "intermediate_size": 10944,
        "moe_intermediate_size": 1408, "n_routed_experts": 64, "n_shared_experts": 2, "num_experts_per_tok": 6,
        "first_k_dense_replace": 1, "num_attention_heads": 16, "num_key_value_heads": 16, "kv_lora_rank": 512,
        "q_lora_rank": None, "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128, "vocab_size": 102400,
        "tie_word_embeddings": False,
    }  # fmt: skip
    shape = read_shape(config)
    assert shape.numbers == pytest.approx(15.7e9, rel=0.01)
    assert (shape.head_size, shape.value_size) == (192, 128)


def test_a_vision_tower_is_counted_beside_the_language_model() -> None:
    config = {"model_type": "llava", "text_config": {**QWEN, "num_hidden_layers": 1}, "vision_config": {}}
    tensors = {
        "language_model.model.embed_tokens.weight": Tensor("BF16", (152064, 3584)),
        "language_model.lm_head.weight": Tensor("BF16", (152064, 3584)),
        "language_model.model.layers.0.self_attn.q_proj.weight": Tensor("BF16", (3584, 3584)),
        "language_model.model.norm.weight": Tensor("BF16", (3584,)),
        "vision_tower.encoder.layers.0.self_attn.q_proj.weight": Tensor("BF16", (1024, 1024)),
        "vision_tower.encoder.layers.0.layer_norm1.weight": Tensor("BF16", (1024,)),
    }
    shape = read_shape(config, tensors)
    assert shape.beside == 1024 * 1024 + 1024
    assert shape.numbers == sum(tensor.numbers for tensor in tensors.values())
    assert len(shape.layers) == 1


def test_a_base_that_is_quantised_already_weighs_what_its_files_weigh() -> None:
    config = {**QWEN, "quantization_config": {"quant_method": "gptq", "bits": 4}}
    shape = read_shape(config)
    assert (shape.quantised, shape.quantised_bits) == ("gptq", 4.0)
    found = fit(shape, job(per_device_batch_size=1), cards(16), NOW)
    assert found.verdict == "fits"
    assert 5 * GIB < found.as_asked.worst.weights < 7 * GIB
    assert "nf4" not in {lever.name for lever in found.levers}


def test_a_configuration_without_sizes_is_refused_by_name() -> None:
    for lacking in ("hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size"):
        with pytest.raises(UnknownShape, match=lacking):
            read_shape({name: value for name, value in QWEN.items() if name != lacking})


def test_every_job_gets_an_answer() -> None:
    shape = read_shape(QWEN)
    for method, tuning, quantisation, precision, batching in itertools.product(
        ("sft", "pretrain", "dpo", "orpo", "kto", "reward"), ("lora", "full", "freeze"), ("none", "nf4", "int8"),
        ("auto", "fp32", "fp16"), ("plain", "same_records"),
    ):  # fmt: skip
        wanted = job(
            method=method, tuning=tuning, quantisation=quantisation, precision=precision, batching=batching,
            micro_batch_tokens=2048,
        )  # fmt: skip
        for machine in (cards(16), cards(16, 24), ()):
            found = fit(shape, wanted, machine, NOW, host=HostMemory(total=64 * GIB, available=50 * GIB), advice=False)
            for need in found.as_asked.needs:
                assert 0 < need.device.low <= need.device.likely <= need.device.high


def test_versions_are_those_of_the_packages() -> None:
    packages = {"torch": "2.13.0+cu130", "triton-windows": "3.7", "liger-kernel": "0.7", "rich": "15"}
    found = versions_of(packages, "windows")
    assert (found.torch, found.triton, found.liger, found.system) == ("2.13.0+cu130", "3.7", "0.7", "windows")
