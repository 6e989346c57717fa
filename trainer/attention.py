"""Keep attention off the kernel that lays out every score: on Windows' CUDA wheels it is what grouped heads get."""

from __future__ import annotations


def expand_grouped_heads() -> bool:
    """Where torch was built without flash attention, have transformers repeat keys and values for grouped heads.

    It would leave that to torch when a batch has no padding, and then only torch's plain kernel can do it: 2 GiB for
    one row of 2,048 tokens and 32 heads, where the memory-efficient kernel needs next to nothing. Returns whether it
    was needed.
    """
    import torch

    if not torch.cuda.is_available() or torch.backends.cuda.is_flash_attention_available():
        return False
    from transformers.integrations import sdpa_attention

    sdpa_attention.use_gqa_in_sdpa = _never
    return True


def _never(*_: object, **__: object) -> bool:
    return False
