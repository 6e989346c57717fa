"""What becomes of LLaMA-Factory's own settings that need no thought; transformers' are in `trainer_keys.py`.

Source: the dataclasses of LLaMA-Factory 0.9.5 and the settings that earlier versions had.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.importing.model import Copy, Idle, Lost

if TYPE_CHECKING:
    from doctor.importing.model import Fate

_WORK = Idle("equivalents.idle_work")
_LOADER = Idle("equivalents.idle_loader")
_HUB = Idle("equivalents.idle_hub")
_SPEED = Idle("equivalents.idle_speed")
_PREDICT = Idle("equivalents.idle_predict")
_INFERENCE = Idle("equivalents.idle_inference")
_OPTIMIZER = Lost("equivalents.lost_optimizer")
_LOSS = Lost("equivalents.lost_loss")
_TOKENS = Lost("equivalents.lost_tokens")
_VISION = Lost("equivalents.lost_vision")
_REFERENCE = Lost("equivalents.lost_reference")
_OFF = Idle("equivalents.idle_details")

LLAMAFACTORY_KEYS: dict[str, Fate] = {
    "double_quantization": Copy("double_quantisation", "truth"),
    "cutoff_len": Copy("max_length", "integer"),
    "lora_rank": Copy("lora.rank", "integer"),
    "use_rslora": Copy("lora.rslora", "truth"),
    "use_dora": Copy("lora.dora", "truth"),
    "loraplus_lr_ratio": Copy("lora.plus_ratio", "number"),
    "pref_beta": Copy("preference.beta", "number"),
    "pref_ftx": Copy("preference.sft_weight", "number"),
    "kto_chosen_weight": Copy("preference.desirable_weight", "number"),
    "kto_rejected_weight": Copy("preference.undesirable_weight", "number"),
    # The model.
    "adapter_name_or_path": Lost("equivalents.lost_adapter"), "adapter_folder": Lost("equivalents.lost_adapter"),
    "create_new_adapter": Lost("equivalents.lost_adapter"), "resize_vocab": _TOKENS, "split_special_tokens": _TOKENS,
    "add_tokens": _TOKENS, "add_special_tokens": _TOKENS, "new_special_tokens": _TOKENS,
    "new_special_tokens_config": _TOKENS, "init_special_tokens": _OFF, "rope_scaling": Lost("equivalents.lost_rope"),
    "shift_attn": _LOSS, "mixture_of_depths": Lost("equivalents.lost_architecture"),
    "use_unsloth": Idle("equivalents.idle_unsloth"),
    "use_unsloth_gc": _SPEED, "moe_aux_loss_coef": _LOSS, "use_reentrant_gc": _SPEED,
    "upcast_layernorm": Lost("equivalents.lost_upcast"), "upcast_lmhead_output": Lost("equivalents.lost_upcast"),
    "train_from_scratch": Lost("equivalents.lost_scratch"), "offload_folder": _WORK, "use_kv_cache": _INFERENCE,
    "infer_backend": _INFERENCE, "infer_dtype": _INFERENCE, "use_v1_kernels": _SPEED,
    "print_param_status": Idle("equivalents.idle_debug"), "hf_hub_token": _HUB, "ms_hub_token": _HUB,
    "om_hub_token": _HUB, "compute_dtype": _WORK, "model_max_length": _OFF, "block_diag_attn": _OFF,
    "checkpoint_dir": Lost("equivalents.lost_adapter"), "plot_loss_png": _WORK,
    "quantization_device_map": Idle("equivalents.idle_device"), "is_trainable": _WORK,
    # The data.
    "media_dir": Lost("equivalents.lost_media_dir"), "streaming": Idle("equivalents.idle_streaming"),
    "buffer_size": Idle("equivalents.idle_streaming"), "overwrite_cache": Idle("equivalents.idle_cache"),
    "preprocessing_batch_size": _LOADER, "preprocessing_num_workers": _LOADER,
    "tokenized_path": Idle("equivalents.idle_cache"),
    "cache_path": Idle("equivalents.idle_cache"), "data_shared_file_system": Idle("equivalents.idle_cache"),
    "eval_num_beams": _PREDICT,
    "ignore_pad_token_for_loss": Lost("equivalents.lost_loss", off=(True, "true", "True")),
    "eval_on_each_dataset": Lost("equivalents.lost_each_dataset"), "tool_format": Idle("equivalents.idle_tools"),
    "default_system": Lost("equivalents.lost_system"),
    "enable_thinking": Lost("equivalents.lost_thinking", off=(True, "true", "True")),
    "preserve_thinking": Lost("equivalents.lost_thinking"), "reasoning_effort": Lost("equivalents.lost_thinking"),
    "reserved_label_len": Lost("equivalents.lost_prompt_length", off=(1,)),
    "efficient_eos": Idle("equivalents.idle_pad"),
    "max_source_length": Lost("equivalents.lost_prompt_length"),
    "max_target_length": Lost("equivalents.lost_prompt_length"),
    # Images, sound and film.
    "image_max_pixels": _VISION, "image_min_pixels": _VISION, "image_resolution": _VISION,
    "image_do_pan_and_scan": _VISION,
    "crop_to_patches": _VISION, "video_max_pixels": _VISION, "video_min_pixels": _VISION, "video_resolution": _VISION,
    "video_fps": _VISION, "video_maxlen": _VISION, "use_audio_in_video": _VISION, "audio_sampling_rate": _VISION,
    "visual_inputs": Idle("equivalents.idle_work"), "train_mm_proj_only": _VISION,
    "freeze_vision_tower": Lost("equivalents.lost_vision", off=(True, "true", "True")),
    "freeze_multi_modal_projector": Lost("equivalents.lost_vision", off=(True, "true", "True")),
    "freeze_language_model": _VISION,
    # Method.
    "freeze_trainable_modules": Lost("equivalents.lost_some_layers", off=("all",)),
    "freeze_extra_modules": Lost("equivalents.lost_some_layers"),
    "name_module_trainable": Lost("equivalents.lost_some_layers", off=("all",)),
    "num_layer_trainable": Copy("trained_layers", "integer"),
    "loraplus_lr_embedding": Lost("equivalents.lost_groups", off=(1e-6,)),
    "lora_bf16_mode": _OFF, "pissa_iter": _OFF, "pissa_convert": Lost("equivalents.lost_pissa_convert"),
    "module_dropout": Lost("equivalents.lost_oft"), "dpo_label_smoothing": _LOSS, "pref_bco_weight": _LOSS,
    "ld_alpha": _LOSS, "simpo_gamma": _OFF, "dpo_beta": Copy("preference.beta", "number"),
    "dpo_ftx": Copy("preference.sft_weight", "number"), "orpo_beta": Copy("preference.beta", "number"),
    "kto_beta": Copy("preference.beta", "number"), "dpo_loss": Copy("preference.loss", "text"),
    "ref_model": _REFERENCE, "ref_model_adapters": _REFERENCE, "ref_model_quantization_bit": _REFERENCE,
    "reward_model": _OFF, "reward_model_adapters": _OFF, "reward_model_quantization_bit": _OFF,
    "reward_model_type": _OFF,
    "use_llama_pro": Lost("equivalents.lost_some_layers"), "use_adam_mini": _OPTIMIZER, "use_muon": _OPTIMIZER,
    "use_galore": _OPTIMIZER, "use_apollo": _OPTIMIZER, "use_badam": _OPTIMIZER,
    "use_mca": Lost("equivalents.lost_sharded"),
    "use_hyper_parallel": Lost("equivalents.lost_sharded"), "hyper_parallel_args": _OFF, "use_dft_loss": _LOSS,
    "use_asft_loss": _LOSS, "asft_alpha": _OFF, "use_eaft_loss": _LOSS, "eaft_alpha": _OFF,
    "compute_accuracy": Idle("equivalents.idle_eval"), "disable_shuffling": Lost("equivalents.lost_order"),
    "early_stopping_steps": Lost("equivalents.lost_early_stop"), "plot_loss": Idle("equivalents.idle_log"),
    "include_effective_tokens_per_second": Idle("equivalents.idle_log"), "use_kt": Lost("equivalents.lost_offload"),
    "use_swanlab": Idle("equivalents.idle_off"), "fp8": Lost("equivalents.lost_fp8"), "fp8_backend": _OFF,
    "enable_torch_profiler": Idle("equivalents.idle_debug"), "profile_modules": Idle("equivalents.idle_debug"),
    "master_addr": Idle("equivalents.idle_ddp"), "master_port": Idle("equivalents.idle_ddp"),
    "sequence_parallel_size": Lost("equivalents.lost_sharded", off=(1,)), "sequence_parallel_mode": _OFF,
    "sft_packing": Idle("equivalents.idle_packing_details"),
    # Generating and exporting.
    "do_sample": _PREDICT, "temperature": _PREDICT, "top_p": _PREDICT, "top_k": _PREDICT, "num_beams": _PREDICT,
    "max_length": _PREDICT, "max_new_tokens": _PREDICT, "repetition_penalty": _PREDICT, "length_penalty": _PREDICT,
    "skip_special_tokens": _PREDICT,
}  # fmt: skip

LLAMAFACTORY_PREFIXES: dict[str, Fate] = {
    "galore_": _OFF, "apollo_": _OFF, "badam_": _OFF, "ppo_": _OFF, "oft_": Lost("equivalents.lost_oft"), "kt_": _OFF,
    "vllm_": _INFERENCE, "sglang_": _INFERENCE, "export_": Idle("equivalents.idle_export"),
    "swanlab_": Idle("equivalents.idle_tracker_name"), "profiler_": Idle("equivalents.idle_debug"),
    "ray_": Lost("equivalents.lost_ray"), "fp8_": _OFF,
}  # fmt: skip
