"""What becomes of Axolotl's settings that need no thought.

Source: the schemas of Axolotl 0.19 and the settings that earlier versions had.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.importing.model import Copy, Idle, Lost

if TYPE_CHECKING:
    from doctor.importing.model import Fate

_WORK = Idle("equivalents.idle_work")
_LOADER = Idle("equivalents.idle_loader")
_CACHE = Idle("equivalents.idle_cache")
_SPEED = Idle("equivalents.idle_speed")
_LOG = Idle("equivalents.idle_log")
_EVAL = Idle("equivalents.idle_eval")
_DEBUG = Idle("equivalents.idle_debug")
_DDP = Idle("equivalents.idle_ddp")
_HUB = Idle("equivalents.idle_hub")
_NAME = Idle("equivalents.idle_tracker_name")
_OFF = Idle("equivalents.idle_details")
_PACKING = Idle("equivalents.idle_packing_details")
_INFERENCE = Idle("equivalents.idle_inference")
_OPTIMIZER = Lost("equivalents.lost_optimizer")
_LOSS = Lost("equivalents.lost_loss")
_TOKENS = Lost("equivalents.lost_tokens")
_PARTS = Lost("equivalents.lost_some_layers")
_SHARDED = Lost("equivalents.lost_sharded")
_DETAILS = Lost("equivalents.lost_schedule_details")
_TOKENIZER = Lost("equivalents.lost_tokenizer")
_START = Lost("equivalents.lost_start")

AXOLOTL_KEYS: dict[str, Fate] = {
    "micro_batch_size": Copy("per_device_batch_size", "integer"),
    "gradient_accumulation_steps": Copy("gradient_accumulation", "integer"),
    "num_epochs": Copy("epochs", "number"), "learning_rate": Copy("learning_rate", "number"),
    "sequence_len": Copy("max_length", "integer"), "weight_decay": Copy("weight_decay", "number"),
    "max_grad_norm": Copy("max_grad_norm", "number"), "seed": Copy("seed", "integer"),
    "save_total_limit": Copy("save_limit", "integer"), "lora_r": Copy("lora.rank", "integer"),
    "peft_use_dora": Copy("lora.dora", "truth"), "peft_use_rslora": Copy("lora.rslora", "truth"),
    "loraplus_lr_ratio": Copy("lora.plus_ratio", "number"),
    "neftune_noise_alpha": Copy("neftune_alpha", "number"), "noisy_embedding_alpha": Copy("neftune_alpha", "number"),
    "rl_beta": Copy("preference.beta", "number"), "dpo_beta": Copy("preference.beta", "number"),
    "rpo_alpha": Copy("preference.sft_weight", "number"),
    "kto_desirable_weight": Copy("preference.desirable_weight", "number"),
    "kto_undesirable_weight": Copy("preference.undesirable_weight", "number"),
    # The model and its tokenizer.
    "base_model_config": _TOKENIZER, "cls_model_config": _WORK, "tokenizer_config": _TOKENIZER,
    "tokenizer_use_fast": _WORK, "tokenizer_legacy": _TOKENIZER, "tokenizer_use_mistral_common": _TOKENIZER,
    "tokenizer_type": _WORK, "model_type": _WORK, "type_of_model": _WORK, "processor_type": _WORK,
    "processor_kwargs": Lost("equivalents.lost_vision"), "tokenizer_save_jinja_files": _WORK,
    "trust_remote_code": Lost("equivalents.lost_remote_code"), "experimental_skip_move_to_device": _WORK,
    "use_kernels": _SPEED, "model_quantization_config": Lost("equivalents.lost_quantised_base"),
    "model_quantization_config_kwargs": Lost("equivalents.lost_quantised_base"), "use_onebitllms": _START,
    "revision_of_model": Lost("equivalents.lost_revision", off=("main",)),
    "overrides_of_model_config": Lost("equivalents.lost_model_kwargs"),
    "overrides_of_model_kwargs": Lost("equivalents.lost_model_kwargs"),
    "model_config": Lost("equivalents.lost_model_kwargs"),
    "is_falcon_derived_model": _WORK, "is_llama_derived_model": _WORK, "is_mistral_derived_model": _WORK,
    "is_qwen_derived_model": _WORK, "rope_scaling": Lost("equivalents.lost_rope"), "tokens": _TOKENS,
    "added_tokens_overrides": _TOKENS, "resize_token_embeddings_to_32x": _TOKENS, "mean_resizing_embeddings": _OFF,
    "shrink_embeddings": _TOKENS, "embeddings_skip_upcast": _SPEED,
    "reinit_weights": Lost("equivalents.lost_scratch"),
    "fix_untrained_tokens": _TOKENS, "gptq": Lost("equivalents.lost_quantised_base"),
    "gptq_disable_exllama": Lost("equivalents.lost_quantised_base"),
    "bnb_config_kwargs": Lost("equivalents.lost_bnb"),
    "low_cpu_mem_usage": _WORK, "max_memory": Idle("equivalents.idle_device"),
    "gpu_memory_limit": Idle("equivalents.idle_device"),
    "device": Idle("equivalents.idle_device"), "device_map": Idle("equivalents.idle_device"), "world_size": _DDP,
    "local_rank": _DDP, "ddp": _DDP, "ddp_timeout": _DDP, "ddp_bucket_cap_mb": _DDP, "ddp_broadcast_buffers": _DDP,
    "ddp_find_unused_parameters": _DDP, "ple_cpu_offload": Lost("equivalents.lost_offload"),
    # The adapter.
    "lora_model_dir": Lost("equivalents.lost_adapter"), "lora_fan_in_fan_out": Idle("equivalents.idle_task"),
    "lora_target_parameters": Lost("equivalents.lost_parameters"),
    "lora_rank_pattern": Lost("equivalents.lost_patterns"),
    "lora_alpha_pattern": Lost("equivalents.lost_patterns"), "peft_layers_to_transform": _PARTS,
    "peft_layers_pattern": _PARTS, "peft": _START, "peft_layer_replication": Lost("equivalents.lost_patterns"),
    "peft_trainable_token_indices": Lost("equivalents.lost_parameters"),
    "peft_ensure_weight_tying": Lost("equivalents.lost_parameters"), "peft_autocast_adapter_dtype": _SPEED,
    "qlora_sharded_model_loading": _SPEED, "lora_on_cpu": _WORK,
    "loraplus_lr_embedding": Lost("equivalents.lost_groups", off=(1e-6,)),
    "merge_lora": _WORK, "merge_method": _WORK, "relora": _OPTIMIZER, "relora_steps": _OFF,
    "lora_mlp_kernel": _SPEED, "lora_qkv_kernel": _SPEED, "lora_o_kernel": _SPEED, "lora_embedding_kernel": _SPEED,
    "unfrozen_parameters": _PARTS, "freeze_mm_modules": Lost("equivalents.lost_vision"),
    "quantize_moe_experts": Lost("equivalents.lost_bnb"), "loftq_config": _START,
    # The data.
    "shuffle_merged_datasets": Lost("equivalents.lost_order_kept", off=(True, "true")),
    "shuffle_before_merging_datasets": Idle("equivalents.idle_step"), "dataset_prepared_path": _CACHE,
    "dataset_shard_num": Lost("equivalents.lost_samples"), "dataset_shard_idx": _OFF, "skip_prepare_dataset": _CACHE,
    "num_dataset_shards_to_save": _CACHE, "dataset_processes": _LOADER, "dataset_num_proc": _LOADER,
    "dataset_exact_deduplication": Lost("equivalents.lost_duplicates"), "dataset_keep_in_memory": _LOADER,
    "dataloader_pin_memory": _LOADER, "dataloader_num_workers": _LOADER, "dataloader_prefetch_factor": _LOADER,
    "dataloader_drop_last": Lost("equivalents.lost_drop_last"), "remove_unused_columns": _LOADER,
    "push_dataset_to_hub": _HUB, "hf_use_auth_token": _HUB, "is_preprocess": _WORK, "preprocess_iterable": _WORK,
    "total_num_tokens": _CACHE, "total_supervised_tokens": _CACHE, "min_sample_len": Lost("equivalents.lost_short"),
    "max_prompt_len": Lost("equivalents.lost_prompt_length"), "eval_sequence_len": _EVAL,
    "streaming": Idle("equivalents.idle_streaming"),
    "streaming_multipack_buffer_size": _PACKING, "default_system_message": Lost("equivalents.lost_system"),
    "chat_template_jinja": Lost("equivalents.lost_template"),
    "chat_template_kwargs": Lost("equivalents.lost_thinking"),
    "eot_tokens": _TOKENS, "role_boundaries": Lost("equivalents.lost_roles"), "dataset_text_field": _OFF,
    "curriculum_sampling": Lost("equivalents.lost_order"), "use_pose": _LOSS,
    "image_size": Lost("equivalents.lost_vision"),
    "image_resize_algorithm": Lost("equivalents.lost_vision"), "pretrain_multipack_attn": _PACKING,
    "pretrain_multipack_buffer_size": _PACKING, "pretraining_sample_concatenation": _PACKING,
    "batch_flattening": Idle("equivalents.idle_padding"), "multipack_real_batches": _PACKING,
    "sample_packing_eff_est": _PACKING,
    "eval_sample_packing": _EVAL, "pad_to_sequence_len": Idle("equivalents.idle_padding"),
    "pad_to_multiple_of": Idle("equivalents.idle_padding"),
    "max_packed_sequence_len": _PACKING, "collator_pad_to_longest": Idle("equivalents.idle_padding"),
    "lora_out_dir": _WORK, "bettertransformer": _SPEED, "landmark_attention": _LOSS, "xpos_rope": _LOSS,
    "load_4bit": Lost("equivalents.lost_bnb"), "inference": _INFERENCE, "total_num_steps": _CACHE,
    # Learning.
    "adam_beta1": Lost("equivalents.lost_adam", off=(0.9,)),
    "adam_beta2": Lost("equivalents.lost_adam", off=(0.999,)),
    "adam_beta3": _OFF, "adam_epsilon": Lost("equivalents.lost_adam", off=(1e-8, "1e-8")), "adam_epsilon2": _OFF,
    "optim_args": Lost("equivalents.lost_adam"), "optim_target_modules": _OPTIMIZER, "torchdistx_path": _WORK,
    "lr_scheduler_kwargs": _DETAILS, "lr_quadratic_warmup": _DETAILS, "cosine_min_lr_ratio": _DETAILS,
    "cosine_constant_lr_ratio": _DETAILS, "lr_div_factor": _DETAILS, "lr_groups": Lost("equivalents.lost_groups"),
    "embedding_lr": Lost("equivalents.lost_groups"), "embedding_lr_scale": Lost("equivalents.lost_groups"),
    "auto_find_batch_size": Idle("equivalents.idle_oom"), "fp8": Lost("equivalents.lost_fp8"), "fp8_config": _OFF,
    "fp8_enable_fsdp_float8_all_gather": _OFF,
    "tf32": _SPEED, "gradient_checkpointing_kwargs": _SPEED, "selective_checkpointing": _SPEED,
    "activation_offloading": _SPEED, "layer_offloading": Lost("equivalents.lost_offload"), "torch_compile": _SPEED,
    "torch_compile_backend": _SPEED, "torch_compile_mode": _SPEED, "torch_compile_options": _SPEED,
    "chunked_cross_entropy": _SPEED, "chunked_cross_entropy_num_chunks": _SPEED, "cut_cross_entropy": _SPEED,
    "use_eaft": _LOSS, "eaft_alpha": _OFF, "eaft_k": _OFF, "scaling_softmax": _LOSS, "scaling_softmax_factor": _OFF,
    "scaling_softmax_bias": _OFF, "llama4_linearized_experts": _SPEED, "experts_implementation": _SPEED,
    "deepcompile": _SPEED, "max_tokens": _OFF, "orpo_alpha": _OFF, "simpo_gamma": _OFF, "cpo_alpha": _OFF,
    "dpo_use_weighting": _LOSS, "dpo_label_smoothing": _LOSS, "dpo_norm_loss": _LOSS,
    "precompute_ref_log_probs": _SPEED,
    "dpo_use_liger_kernel": _SPEED, "dpo_padding_free": _SPEED, "dpo_use_logits_to_keep": _SPEED,
    "dpo_generate_during_eval": _EVAL, "dpo_loss_weights": _LOSS, "center_rewards_coefficient": _LOSS,
    "num_labels": _OFF,
    "process_reward_model": Lost("equivalents.lost_process_reward"), "qat": Lost("equivalents.lost_bnb"),
    "quantization": _INFERENCE,
    "trl": _OFF, "vllm": _INFERENCE, "ebft": _OFF, "liger_rope": _SPEED, "liger_rms_norm": _SPEED,
    "liger_glu_activation": _SPEED,
    "liger_swiglu": _SPEED, "liger_layer_norm": _SPEED, "liger_cross_entropy": _SPEED, "liger_rms_norm_gated": _SPEED,
    "liger_fused_linear_cross_entropy": _SPEED, "liger_use_token_scaling": _LOSS, "spectrum_top_fraction": _PARTS,
    "spectrum_model_name": _OFF, "bf16_full_eval": _EVAL,
    # Attention of other kinds.
    "flex_attn_compile_kwargs": _SPEED, "gemma4_hybrid_attn_impl": _SPEED, "large_head_attention": _SPEED,
    "sdpa_varlen": _SPEED,
    "fused_attn_kernel": _SPEED, "flash_optimum": _SPEED, "s2_attention": _LOSS,
    # Saving, measuring, telling.
    "saves_per_epoch": Idle("equivalents.idle_save_strategy"), "save_first_step": Idle("equivalents.idle_saving"),
    "save_only_model": Idle("equivalents.idle_saving"), "save_safetensors": Idle("equivalents.idle_safetensors"),
    "dynamic_checkpoint": Idle("equivalents.idle_saving"), "resume_from_checkpoint": Idle("equivalents.idle_resume"),
    "auto_resume_from_checkpoints": Idle("equivalents.idle_resume"),
    "load_best_model_at_end": Lost("equivalents.lost_best"),
    "metric_for_best_model": Lost("equivalents.lost_best"), "greater_is_better": _EVAL,
    "early_stopping_patience": Lost("equivalents.lost_early_stop"), "eval_batch_size": _EVAL,
    "eval_max_new_tokens": _EVAL,
    "eval_table_size": _EVAL, "eval_causal_lm_metrics": _EVAL, "do_causal_lm_eval": _EVAL, "do_bench_eval": _EVAL,
    "bench_dataset": _EVAL, "bench_split": _EVAL, "loss_watchdog_threshold": Idle("equivalents.idle_watchdog"),
    "loss_watchdog_patience": Idle("equivalents.idle_watchdog"), "gc_steps": _SPEED, "gc_collect_steps": _SPEED,
    "torch_empty_cache_steps": _SPEED, "profiler_steps": _DEBUG, "profiler_steps_start": _DEBUG, "debug": _DEBUG,
    "include_tokens_per_second": _LOG, "include_tkps": _LOG, "strict": _WORK, "axolotl_config_path": _WORK,
    "trainer_cls": Lost("equivalents.lost_plugins"), "plugins": Idle("equivalents.idle_plugins"),
    "accelerator_config": _DDP,
    "generate_samples": Lost("equivalents.lost_sample_prompts"), "num_generation_samples": _OFF,
    "generation_max_new_tokens": _OFF,
    "generation_temperature": _OFF, "generation_top_p": _OFF, "generation_top_k": _OFF,
    "generation_prompt_ratio": _OFF,
    "generation_do_sample": _OFF, "use_otel_metrics": _NAME, "otel_metrics_host": _NAME, "otel_metrics_port": _NAME,
    "hf_mlflow_log_artifacts": _NAME, "use_ray": Lost("equivalents.lost_ray"), "resources_per_worker": _OFF,
    # Several machines and cards.
    "fsdp": _SHARDED, "fsdp_config": _SHARDED, "fsdp_version": _OFF, "fsdp_final_state_dict_type": _OFF,
    "fp32_norms": _OFF,
    "fp32_norm_classes": _OFF, "dp_shard_size": _SHARDED, "dp_replicate_size": _SHARDED,
    "sequence_parallel_degree": _SHARDED,
    "context_parallel_size": Lost("equivalents.lost_sharded", off=(1,)), "heads_k_stride": _OFF,
    "ring_attn_func": _OFF,
    "tensor_parallel_size": Lost("equivalents.lost_sharded", off=(1,)),
}  # fmt: skip

AXOLOTL_PREFIXES: dict[str, Fate] = {
    "gptq_": Lost("equivalents.lost_quantised_base"), "wandb_": _NAME, "mlflow_": _NAME, "comet_": _NAME,
    "trackio_": _NAME, "swanlab_": _NAME, "use_comet": _NAME,
    "use_trackio": _NAME, "gradio_": _INFERENCE, "hub_": _HUB, "ray_": _OFF, "relora_": _OFF, "lisa_": _PARTS,
    "qgalore_": _OFF,
    "dion_": _OFF, "jagged_": _DETAILS, "sample_packing_": _PACKING, "pose_": _OFF, "flash_attn_": _SPEED,
    "tiled_mlp": _SPEED,
    "llmcompressor": Lost("equivalents.lost_bnb"), "kd_": Lost("equivalents.lost_distillation"), "unsloth_": _SPEED,
    "_": _WORK,
    "noise_": _LOSS, "lr_groups": _DETAILS, "spectrum_": _PARTS, "grokfast_": _OPTIMIZER, "diffusion": _LOSS,
    "moe_": _SPEED,
}  # fmt: skip
