"""Grouped heads where torch has no flash attention: keys and values are repeated, and the answer is the same."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from doctor.environment import Environment

ROOT = Path(__file__).parents[2]
SCRIPT = """
import torch
from types import SimpleNamespace
from transformers.integrations import sdpa_attention
from trainer.attention import expand_grouped_heads

assert expand_grouped_heads() is False, "nothing to do without a GPU"
torch.manual_seed(0)
query, key, value = torch.randn(1, 8, 5, 16), torch.randn(1, 2, 5, 16), torch.randn(1, 2, 5, 16)
module = SimpleNamespace(num_key_value_groups=4, is_causal=True)
before, _ = sdpa_attention.sdpa_attention_forward(module, query, key, value, None)
assert sdpa_attention.use_gqa_in_sdpa(None, key, value)
# As it is on Windows: a GPU, and a torch that was built without flash attention.
torch.cuda.is_available = lambda: True
torch.backends.cuda.is_flash_attention_available = lambda: False
assert expand_grouped_heads() is True
assert not sdpa_attention.use_gqa_in_sdpa(None, key, value)
seen = []
real = torch.nn.functional.scaled_dot_product_attention
def look(q, k, v, **settings):
    seen.append((k.shape, settings.get("enable_gqa")))
    return real(q, k, v, **settings)
torch.nn.functional.scaled_dot_product_attention = look
after, _ = sdpa_attention.sdpa_attention_forward(module, query, key, value, None)
assert seen == [(torch.Size([1, 8, 5, 16]), None)], seen
assert torch.allclose(before, after, atol=1e-6)
"""


@pytest.mark.slow
def test_grouped_heads_are_repeated_where_only_the_plain_kernel_would_take_them(environment: Environment) -> None:
    done = subprocess.run(
        [str(environment.python), "-c", SCRIPT], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
