"""What becomes of the settings of transformers' TrainingArguments and TRL's configs that need no thought.

LLaMA-Factory's settings include these. Sources: the dataclasses of transformers 4.40 … 5.23 and TRL 0.8 … 1.16.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.importing.model import Copy, Idle, Lost

if TYPE_CHECKING:
    from doctor.importing.model import Fate

_LOADER = Idle("equivalents.idle_loader")
_LOG = Idle("equivalents.idle_log")
_HUB = Idle("equivalents.idle_hub")
_DDP = Idle("equivalents.idle_ddp")
_SPEED = Idle("equivalents.idle_speed")
_STEP = Idle("equivalents.idle_step")
_EVAL = Idle("equivalents.idle_eval")
_NAME = Idle("equivalents.idle_tracker_name")
_WORK = Idle("equivalents.idle_work")
_DEBUG = Idle("equivalents.idle_debug")
_REFERENCE = Lost("equivalents.lost_reference")
_LOSS = Lost("equivalents.lost_loss")
_SHARDED = Lost("equivalents.lost_sharded")

TRAINER_KEYS: dict[str, Fate] = {
    "per_device_train_batch_size": Copy("per_device_batch_size", "integer"),
    "gradient_accumulation_steps": Copy("gradient_accumulation", "integer"),
    "learning_rate": Copy("learning_rate", "number"),
    "num_train_epochs": Copy("epochs", "number"),
    "weight_decay": Copy("weight_decay", "number"),
    "max_grad_norm": Copy("max_grad_norm", "number"),
    "seed": Copy("seed", "integer"),
    "save_total_limit": Copy("save_limit", "integer"),
    "neftune_noise_alpha": Copy("neftune_alpha", "number"),
    # Data loading: tunedoc reads and tokenises ahead on its own.
    "dataloader_num_workers": _LOADER, "dataloader_pin_memory": _LOADER, "dataloader_prefetch_factor": _LOADER,
    "dataloader_persistent_workers": _LOADER, "dataloader_multiprocessing_context": _LOADER,
    "dataloader_in_order": _LOADER, "remove_unused_columns": _LOADER, "dataset_num_proc": _LOADER,
    "dataset_batch_size": _LOADER, "dataset_kwargs": _LOADER, "preprocessing_num_workers": _LOADER,
    "num_proc": _LOADER, "length_column_name": _LOADER, "label_names": _LOADER, "dataset_text_field": _LOADER,
    "pad_to_multiple_of": _LOADER, "padding_value": _LOADER, "label_pad_token_id": _LOADER,
    "padding_free": Idle("equivalents.idle_padding"), "pad_to_max_length": Idle("equivalents.idle_padding"),
    "dataloader_drop_last": Lost("equivalents.lost_drop_last"),
    "ignore_data_skip": Lost("equivalents.lost_data_skip"),
    # What is printed and where.
    "logging_strategy": _LOG, "logging_first_step": _LOG, "logging_nan_inf_filter": _LOG, "logging_dir": _LOG,
    "log_on_each_node": _LOG, "log_level": _LOG, "log_level_replica": _LOG, "disable_tqdm": _LOG, "plot_loss": _LOG,
    "include_num_input_tokens_seen": _LOG, "include_tokens_per_second": _LOG, "skip_memory_metrics": _LOG,
    "run_name": _NAME, "project": _NAME, "trackio_space_id": _NAME, "trackio_bucket_id": _NAME,
    "trackio_static_space_id": _NAME, "overwrite_output_dir": _WORK, "do_train": _WORK, "do_eval": _WORK,
    "debug": _DEBUG, "full_determinism": _DEBUG, "use_cpu": Idle("equivalents.idle_device"),
    "no_cuda": Idle("equivalents.idle_device"), "use_mps_device": Idle("equivalents.idle_device"),
    "use_ipex": Idle("equivalents.idle_device"), "jit_mode_eval": _SPEED, "torch_empty_cache_steps": _SPEED,
    "save_safetensors": Idle("equivalents.idle_safetensors"), "save_only_model": Idle("equivalents.idle_saving"),
    "save_on_each_node": Idle("equivalents.idle_saving"), "enable_jit_checkpoint": Idle("equivalents.idle_saving"),
    "restore_callback_states_from_checkpoint": Idle("equivalents.idle_saving"),
    "resume_from_checkpoint": Idle("equivalents.idle_resume"), "data_seed": Lost("equivalents.lost_data_seed"),
    "do_predict": Idle("equivalents.idle_predict"), "predict_with_generate": Idle("equivalents.idle_predict"),
    "generation_max_length": Idle("equivalents.idle_predict"),
    "generation_num_beams": Idle("equivalents.idle_predict"),
    "generation_config": Idle("equivalents.idle_predict"), "sortish_sampler": Idle("equivalents.idle_loader"),
    # Speed that does not change what is learned.
    "tf32": _SPEED, "torch_compile": _SPEED, "torch_compile_backend": _SPEED, "torch_compile_mode": _SPEED,
    "liger_kernel_config": _SPEED, "use_cache": _SPEED, "half_precision_backend": _SPEED, "fp16_opt_level": _SPEED,
    "fp16_backend": _SPEED, "bf16_full_eval": _EVAL, "fp16_full_eval": _EVAL, "fp16_full_eval_batch": _EVAL,
    "gradient_checkpointing_kwargs": _SPEED, "use_reentrant": _SPEED, "activation_offloading": _SPEED,
    "activation_checkpointing": _SPEED, "activation_checkpointing_kwargs": _SPEED,
    "average_tokens_across_devices": Idle("equivalents.idle_token_mean"),
    "auto_find_batch_size": Idle("equivalents.idle_oom"),
    # Measuring.
    "per_device_eval_batch_size": _EVAL, "per_gpu_eval_batch_size": _EVAL, "eval_accumulation_steps": _EVAL,
    "eval_delay": _EVAL, "prediction_loss_only": _EVAL, "eval_do_concat_batches": _EVAL,
    "eval_use_gather_object": _EVAL, "include_for_metrics": _EVAL, "include_inputs_for_metrics": _EVAL,
    "batch_eval_metrics": _EVAL, "eval_on_start": Idle("equivalents.idle_eval_start"), "eval_packing": _EVAL,
    "generate_during_eval": _EVAL, "metric_for_best_model": Lost("equivalents.lost_best", off=("loss", "eval_loss")),
    "greater_is_better": _EVAL, "load_best_model_at_end": Lost("equivalents.lost_best"),
    # Several processes: tunedoc's own launcher sets these.
    "local_rank": _DDP, "ddp_backend": _DDP, "ddp_timeout": _DDP, "ddp_find_unused_parameters": _DDP,
    "ddp_bucket_cap_mb": _DDP, "ddp_broadcast_buffers": _DDP, "ddp_static_graph": _DDP, "accelerator_config": _DDP,
    "dispatch_batches": _DDP, "split_batches": _DDP, "xpu_backend": _DDP, "tpu_num_cores": _DDP,
    "parallelism_config": _SHARDED, "fsdp": _SHARDED, "fsdp_config": _SHARDED, "fsdp_min_num_params": _SHARDED,
    "fsdp_transformer_layer_cls_to_wrap": _SHARDED, "tp_size": Lost("equivalents.lost_sharded", off=(1,)),
    # Hubs.
    "push_to_hub": _HUB, "push_to_hub_model_id": _HUB, "push_to_hub_organization": _HUB, "push_to_hub_token": _HUB,
    "hub_model_id": _HUB, "hub_strategy": _HUB, "hub_token": _HUB, "hub_private_repo": _HUB,
    "hub_always_push": _HUB, "hub_revision": _HUB, "cache_dir": _HUB, "use_auth_token": _HUB, "token": _HUB,
    "use_fast_tokenizer": _WORK, "tokenizer_name": Lost("equivalents.lost_tokenizer"),
    "model_revision": Lost("equivalents.lost_revision", off=("main",)),
    "revision": Lost("equivalents.lost_revision", off=("main",)),
    "trust_remote_code": Lost("equivalents.lost_remote_code"), "low_cpu_mem_usage": _WORK,
    # The optimizer's finer points.
    "adam_beta1": Lost("equivalents.lost_adam", off=(0.9,)),
    "adam_beta2": Lost("equivalents.lost_adam", off=(0.999,)),
    "adam_epsilon": Lost("equivalents.lost_adam", off=(1e-8, "1e-8", "1e-08")),
    "optim_args": Lost("equivalents.lost_adam"),
    "optim_target_modules": Lost("equivalents.lost_optimizer"),
    "lr_scheduler_kwargs": Lost("equivalents.lost_schedule_details"),
    "label_smoothing_factor": _LOSS, "past_index": Idle("equivalents.idle_off"), "train_sampling_strategy": _STEP,
    # TRL.
    "model_init_kwargs": Lost("equivalents.lost_model_kwargs"), "router_aux_loss_coef": _LOSS,
    "chat_template_path": Lost("equivalents.lost_template"), "eos_token": Lost("equivalents.lost_tokens"),
    "pad_token": Idle("equivalents.idle_pad"),
    "truncation_mode": Lost("equivalents.lost_truncation", off=("keep_start",)),
    "shuffle_dataset": _STEP, "packing_strategy": Idle("equivalents.idle_packing_details"),
    "num_of_sequences": Idle("equivalents.idle_packing_details"),
    "chars_per_token": Idle("equivalents.idle_packing_details"),
    "eval_strategy_packing": Idle("equivalents.idle_packing_details"),
    "dataset_streaming": Idle("equivalents.idle_streaming"),
    "ref_model": _REFERENCE, "ref_model_init_kwargs": _REFERENCE, "reference_free": _REFERENCE,
    "precompute_ref_log_probs": _SPEED, "precompute_ref_batch_size": _SPEED, "ref_adapter_name": _REFERENCE,
    "model_adapter_name": _REFERENCE, "force_use_ref_model": _REFERENCE, "sync_ref_model": _REFERENCE,
    "ref_model_mixup_alpha": Idle("equivalents.idle_off"), "ref_model_sync_steps": Idle("equivalents.idle_off"),
    "label_smoothing": _LOSS, "loss_weights": _LOSS, "ld_alpha": _LOSS, "use_weighting": _LOSS, "discopop_tau": _LOSS,
    "f_divergence_type": Lost("equivalents.lost_loss", off=("reverse_kl",)), "f_alpha_divergence_coef": _LOSS,
    "dpo_alpha": _LOSS, "base_model_attribute_name": _LOSS, "disable_dropout": Idle("equivalents.idle_dropout"),
    "max_prompt_length": Lost("equivalents.lost_prompt_length"),
    "max_completion_length": Lost("equivalents.lost_prompt_length"),
    "max_target_length": Lost("equivalents.lost_prompt_length"),
    "is_encoder_decoder": Lost("equivalents.lost_encoder"),
    "center_rewards_coefficient": _LOSS, "use_logits_to_keep": _SPEED, "use_num_logits_to_keep": _SPEED,
    "use_liger_loss": _SPEED, "tools": Lost("equivalents.lost_tools"), "ignore_bias_buffers": _DDP,
    "dataset_config": Lost("equivalents.lost_split"), "dataset_config_name": Lost("equivalents.lost_split"),
    "dataset_train_split": Lost("equivalents.lost_split", off=("train",)),
    "dataset_test_split": Idle("equivalents.idle_eval"), "gradient_checkpointing_use_reentrant": _SPEED,
    "config_name": Lost("equivalents.lost_tokenizer"), "block_size_overlap": _LOSS, "torch_dtype_kwargs": _SPEED,
    # peft and bitsandbytes.
    "bias": Lost("equivalents.lost_bias"), "lora_bias": Lost("equivalents.lost_bias"),
    "task_type": Idle("equivalents.idle_task"), "lora_task_type": Idle("equivalents.idle_task"),
    "inference_mode": Idle("equivalents.idle_task"), "fan_in_fan_out": Idle("equivalents.idle_task"),
    "layers_to_transform": Lost("equivalents.lost_some_layers"),
    "layers_pattern": Lost("equivalents.lost_some_layers"),
    "rank_pattern": Lost("equivalents.lost_patterns"), "alpha_pattern": Lost("equivalents.lost_patterns"),
    "exclude_modules": Lost("equivalents.lost_patterns"), "target_parameters": Lost("equivalents.lost_parameters"),
    "lora_target_parameters": Lost("equivalents.lost_parameters"), "loftq_config": Lost("equivalents.lost_start"),
    "use_qalora": Lost("equivalents.lost_start"), "trainable_token_indices": Lost("equivalents.lost_parameters"),
    "layer_replication": Lost("equivalents.lost_patterns"), "megatron_config": _SHARDED, "megatron_core": _DDP,
    "alora_invocation_tokens": Lost("equivalents.lost_start"), "arrow_config": Lost("equivalents.lost_start"),
    "corda_config": Lost("equivalents.lost_start"), "eva_config": Lost("equivalents.lost_start"),
    "kasa_config": Lost("equivalents.lost_start"), "lora_ga_config": Lost("equivalents.lost_start"),
    "monteclora_config": Lost("equivalents.lost_start"), "velora_config": Lost("equivalents.lost_start"),
    "use_bdlora": Lost("equivalents.lost_start"), "qalora_group_size": Idle("equivalents.idle_details"),
    "ensure_weight_tying": Lost("equivalents.lost_parameters"), "runtime_config": _SPEED, "torchdynamo": _SPEED,
    "mp_parameters": _SHARDED, "ray_scope": _DDP,
    "bnb_4bit_compute_dtype": Idle("equivalents.idle_compute_type"),
    "bnb_4bit_quant_storage": Idle("equivalents.idle_compute_type"),
    "llm_int8_threshold": Idle("equivalents.idle_compute_type"),
    "llm_int8_skip_modules": Lost("equivalents.lost_patterns"),
    "llm_int8_enable_fp32_cpu_offload": Lost("equivalents.lost_offload"),
    "llm_int8_has_fp16_weight": Idle("equivalents.idle_compute_type"),
    "device_map": Idle("equivalents.idle_device"), "max_memory": Idle("equivalents.idle_device"),
    # Unsloth.
    "random_state": Copy("seed", "integer"), "max_lora_rank": Idle("equivalents.idle_inference"),
    "fast_inference": Idle("equivalents.idle_inference"),
    "gpu_memory_utilization": Idle("equivalents.idle_inference"),
    "full_finetuning_dtype": Idle("equivalents.idle_compute_type"), "fix_tokenizer": _WORK,
    "use_exact_model_name": _WORK,
    "embedding_learning_rate": Lost("equivalents.lost_groups"),
    "finetune_vision_layers": Lost("equivalents.lost_vision"),
    "finetune_language_layers": Idle("equivalents.idle_task"),
    "finetune_attention_modules": Idle("equivalents.idle_task"),
    "finetune_mlp_modules": Idle("equivalents.idle_task"), "temporary_location": _WORK,
    "unsloth_tiled_mlp": _SPEED, "offload_embedding": _SPEED, "float32_mixed_precision": _SPEED,
}  # fmt: skip
"""By name. Read beside: names with a meaning that depends on others are taken by `shared.py`."""

TRAINER_PREFIXES: dict[str, Fate] = {
    "hub_": _HUB,
    "push_to_hub": _HUB,
    "ddp_": _DDP,
    "fsdp": _SHARDED,
    "dataloader_": _LOADER,
    "wandb_": _NAME,
    "swanlab_": _NAME,
    "mlflow_": _NAME,
    "trackio_": _NAME,
    "bnb_4bit_": Idle("equivalents.idle_compute_type"),
    "llm_int8_": Idle("equivalents.idle_compute_type"),
}
