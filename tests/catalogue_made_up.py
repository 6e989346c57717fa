"""A catalogue of few lines, all of whose addresses are those of a loopback server."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MODEL_HASH = "1" * 64
TEXT = """# A comment that must stay.
schema = 1
updated = 2026-01-01

[indexes]
torch-cpu = "{base}/whl/cpu"
torch-cu130 = "{base}/whl/cu130"

[sets.small]
packages = {{ transformers = "5.0.0" }}  # and this one
pythons = ["3.12", "3.13"]
source = ["PyPI transformers 5.0.0"]

[[stack]]
id = "linux-cu130"
status = "supported"
system = "linux"
torch = "2.13.0+cu130"
bitsandbytes = "0.50.2"
set = "small"

[[stack]]
id = "linux-cpu"
status = "supported"
system = "linux"
torch = "2.13.0+cpu"
set = "small"

[torch]
# Releases as published.
releases = '''
torch  | month   | pythons of windows | pythons of linux | glibc | cuda of linux | triton | torchvision | torchaudio | numpy windows | numpy linux | abi | gloo windows | vc threads
2.12.0 | 2026-05 | 3.12 3.13          | 3.12 3.13        | 2.28  | 13.0.2        | 3.7.0  | 0.27.0      | -          | -             | -           | new | -            | -
2.13.0 | 2026-07 | 3.12 3.13          | 3.12 3.13        | 2.28  | 13.0.3        | 3.7.1  | 0.28.0      | -          | -             | 2           | new | yes          | no
'''

variants = '''
torch | variants | source
2.13  | cu130    | {base}/matrix
'''

builds = '''
torch | variant | system  | code for      | ptx | source
2.13  | cu130   | linux   | 7.5 9.0 12.0  | -   | PyPI_torch_2.13.0
2.13  | cu130   | windows | 7.5 9.0 12.0  | -   | {base}/matrix
'''

[driver]
minimum = '''
cuda | windows | linux | source
13   | 580     | 580   | {base}/notes
'''

toolkits = '''
cuda   | windows | linux
13.0.1 | -       | 580.82.07
13.0.0 | -       | 580.65.06
'''

families = '''
family | capabilities | first cuda | last cuda | last driver
Turing | 7.5          | 10.0       | -         | -
Pascal | 6.0 6.1      | 8.0        | 12.x      | 580
Ada    | 8.9          | 11.8       | -         | -
'''

[bitsandbytes]
nf4_capability = "6.0"
libraries = '''
version | system | cuda  | code for     | ptx  | torch | python
0.50.2  | linux  | cu130 | 7.5 9.0 12.0 | 12.0 | 2.4   | 3.10
'''

[[part]]
name = "xformers"
title = "xFormers"
import = "xformers"
missing = ["its own build", "需要对应的版本"]
source = ["PyPI xformers 0.0.35"]
offers = '''
system | torch  | cuda  | gpus        | pythons | package          | source
linux  | 2.13.0 | cu130 | 7.5 9.0 +8.0 | *       | xformers==0.0.35 | PyPI_xformers_0.0.35
'''

[[part]]
name = "flash-attn"
title = "FlashAttention"
import = "flash_attn"
base = "{base}/files/parts/"
missing = ["a prebuilt wheel", "需要预编译的 wheel"]
source = ["{base}/parts"]
offers = '''
system | torch | cuda  | gpus    | pythons | package
linux  | 2.13  | cu130 | 8.0 9.0 | 3.12    | flash_attn-2.8.3+cu130torch2.13-{{abi}}-{{abi}}-linux_x86_64.whl
'''

[[part]]
name = "hqq"
title = "HQQ"
import = "hqq"
missing = ["a wheel", "需要 wheel"]
source = ["PyPI hqq 0.2", "PyPI transformers 5.0.0"]

[[mirror]]
kind = "packages"
name = "Near"
url = "{base}/near"
layout = "simple"
region = "cn"
source = "{base}/near"

[[model]]
id = "tiny"
title = "Tiny"
licence = "Apache-2.0"
package = "tiny-model"
version = "1.0"
sha256 = "{model_hash}"
bytes = 100
member = "tiny.gguf"
parameters = 1000
source = "{base}/tiny"

[tools.converter]
package = "tiny-converter"
version = "0.1"
sha256 = "{model_hash}"
bytes = 100
source = "PyPI tiny-converter"
"""  # noqa: E501


def small_catalogue(file: Path, base: str, *, model_hash: str = MODEL_HASH) -> Path:
    """Write it; `base` is the address of a server without a slash at its end."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(TEXT.format(base=base, model_hash=model_hash), encoding="utf-8", newline="\n")
    return file
