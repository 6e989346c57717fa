"""Facts come out of the listings of every tool in use, in their real layouts."""

from __future__ import annotations

import pytest

from doctor.explaining import read_text
from doctor.snapshot.model import NvidiaDriver, PythonEnvironment

COLLECT_ENV = """\
Collecting environment information...
PyTorch version: 2.8.0+cu128
Is debug build: False
CUDA used to build PyTorch: 12.8
ROCM used to build PyTorch: N/A

OS: Microsoft Windows 11 Pro (10.0.26100 64-bit)
GCC version: Could not collect
Clang version: Could not collect
CMake version: version 3.31.6
Libc version: N/A

Python version: 3.12.10 (tags/v3.12.10:0cc8128, Apr  8 2025, 12:21:36) [MSC v.1943 64 bit (AMD64)] (64-bit runtime)
Python platform: Windows-11-10.0.26100-SP0
Is CUDA available: True
CUDA runtime version: 12.6.85
CUDA_MODULE_LOADING set to: LAZY
GPU models and configuration:
GPU 0: NVIDIA GeForce RTX 5060 Ti
GPU 1: NVIDIA GeForce GTX 1080 Ti

Nvidia driver version: 581.15
cuDNN version: Could not collect
HIP runtime version: N/A

CPU:
Name: AMD Ryzen 9 7900X 12-Core Processor

Versions of relevant libraries:
[pip3] numpy==2.2.6
[pip3] torch==2.8.0+cu128
[pip3] torchaudio==2.8.0+cu128
[pip3] torchvision==0.23.0+cu128
[conda] Could not collect
"""

LLAMAFACTORY = """\
- `llamafactory` version: 0.9.4.dev0
- Platform: Linux-5.15.167.4-microsoft-standard-WSL2-x86_64-with-glibc2.35
- Python version: 3.10.12
- PyTorch version: 2.6.0+cu124 (GPU)
- Transformers version: 4.52.4
- Datasets version: 3.6.0
- Accelerate version: 1.7.0
- PEFT version: 0.15.2
- TRL version: 0.9.6
- GPU type: NVIDIA GeForce RTX 2080 Ti
- GPU number: 2
- GPU memory: 11.00GB
- Bitsandbytes version: 0.45.5
"""

TRANSFORMERS = """\
- `transformers` version: 4.57.1
- Platform: Windows-10-10.0.19045-SP0
- Python version: 3.11.9
- Huggingface_hub version: 0.36.0
- Safetensors version: 0.6.2
- Accelerate version: not installed
- PyTorch version (accelerator?): 2.9.0+cpu (NA)
- Using GPU in script?: <fill in>
"""

PIP_LIST = """\
Package                  Version
------------------------ ------------
accelerate               1.10.1
bitsandbytes             0.48.1
flash_attn               2.8.3
numpy                    1.26.4
torch                    2.7.1+cu126
triton-windows           3.3.1.post19
"""

CONDA_LIST = """\
# packages in environment at C:\\Users\\me\\miniconda3\\envs\\ft:
#
# Name                    Version                   Build  Channel
numpy                     1.26.4          py310h055cbcc_0
pytorch                   2.1.2           py3.10_cuda12.1_cudnn8_0    pytorch
torchvision               0.16.2                   pypi_0    pypi
"""

DS_REPORT = """\
DeepSpeed general environment info:
torch install path ............... ['/opt/conda/lib/python3.10/site-packages/torch']
torch version .................... 2.4.0+cu121
deepspeed install path ........... ['/opt/conda/lib/python3.10/site-packages/deepspeed']
deepspeed info ................... 0.15.1, unknown, unknown
torch cuda version ............... 12.1
nvcc version ..................... 12.4
"""

COMFYUI = """\
** Platform: Windows
** Python version: 3.12.8 (tags/v3.12.8:2dc476b, Dec  3 2024, 19:30:04) [MSC v.1942 64 bit (AMD64)]
Total VRAM 16311 MB, total RAM 65277 MB
pytorch version: 2.5.1+cu124
Device: cuda:0 NVIDIA GeForce RTX 5070 Ti : cudaMallocAsync
"""

SMI = """\
Fri Nov 20 10:21:33 2026
+-----------------------------------------------------------------------------------------+
| NVIDIA-SMI 560.94                 Driver Version: 560.94         CUDA Version: 12.6     |
|-----------------------------------------+------------------------+----------------------+
| GPU  Name                  Driver-Model | Bus-Id          Disp.A | Volatile Uncorr. ECC |
| Fan  Temp   Perf          Pwr:Usage/Cap |           Memory-Usage | GPU-Util  Compute M. |
|                                         |                        |               MIG M. |
|=========================================+========================+======================|
|   0  NVIDIA GeForce RTX 4060 Ti   WDDM  |   00000000:01:00.0  On |                  N/A |
|  0%   42C    P8              9W /  165W |     812MiB /  16380MiB |      2%      Default |
|                                         |                        |                  N/A |
+-----------------------------------------+------------------------+----------------------+
|   1  NVIDIA GeForce RTX 3060      WDDM  |   00000000:04:00.0 Off |                  N/A |
|  0%   38C    P8             11W /  170W |      10MiB /  12288MiB |      0%      Default |
|                                         |                        |                  N/A |
+-----------------------------------------+------------------------+----------------------+
"""


def facts(words: str) -> dict[str, tuple[str, ...]]:
    return read_text(words.encode()).facts


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (
            COLLECT_ENV,
            {
                "os": ("windows",), "python": ("3.12.10",), "torch": ("2.8.0",), "torch_build": ("cuda",),
                "torch_cuda": ("12.8",), "cuda_available": ("true",), "driver": ("581.15",), "toolkit": ("12.6.85",),
                "gpu_count": ("2",), "capability": ("12.0", "6.1"), "package.torchvision": ("0.23.0+cu128",),
                "package.numpy": ("2.2.6",),
            },
        ),
        (
            LLAMAFACTORY,
            {
                "os": ("linux", "windows"), "wsl": ("2",), "torch_cuda": ("12.4",), "gpu_count": ("2",),
                "capability": ("7.5", "7.5"), "vram_gib": ("11",), "package.trl": ("0.9.6",),
                "package.bitsandbytes": ("0.45.5",), "package.llamafactory": ("0.9.4.dev0",),
                "cuda_available": ("true",),
            },
        ),
        (
            TRANSFORMERS,
            {
                "os": ("windows",), "torch_build": ("cpu",), "package.huggingface-hub": ("0.36.0",),
                "package.transformers": ("4.57.1",), "python": ("3.11.9",),
            },
        ),
        (
            PIP_LIST,
            {
                "package.flash-attn": ("2.8.3",), "package.triton-windows": ("3.3.1.post19",), "torch": ("2.7.1",),
                "torch_cuda": ("12.6",),
            },
        ),
        (
            CONDA_LIST,
            {"os": ("windows",), "torch": ("2.1.2",), "torch_cuda": ("12.1",), "package.torchvision": ("0.16.2",)},
        ),
        (DS_REPORT, {"os": ("linux",), "torch": ("2.4.0",), "torch_cuda": ("12.1",), "toolkit": ("12.4",)}),
        (
            COMFYUI,
            {
                "os": ("windows",), "torch_cuda": ("12.4",), "capability": ("12.0",), "vram_gib": ("15.9",),
                "memory_gib": ("63.7",), "python": ("3.12.8",),
            },
        ),
        (SMI, {"driver": ("560.94",), "driver_cuda": ("12.6",), "capability": ("8.9", "8.6"), "vram_gib": ("12",)}),
    ],
    ids=["collect_env", "llamafactory", "transformers", "pip", "conda", "ds_report", "comfyui", "nvidia-smi"],
)  # fmt: skip
def test_a_listing_is_read(words: str, wanted: dict[str, tuple[str, ...]]) -> None:
    found = facts(words)
    assert {name: found.get(name) for name in wanted} == wanted


@pytest.mark.parametrize("encoding", ["utf-16", "gb18030", "utf-8-sig"])
def test_a_listing_that_powershell_wrote_is_read(encoding: str) -> None:
    assert read_text(COLLECT_ENV.replace("\n", "\r\n").encode(encoding)).facts["driver"] == ("581.15",)


@pytest.mark.parametrize(
    ("words", "name", "value"),
    [
        ("The NVIDIA driver on your system is too old (found version 12060)", "driver_cuda", "12.6"),
        ("Found GPU0 NVIDIA GeForce GTX 970 which is of cuda capability 5.2.", "capability", "5.2"),
        ("NVIDIA GeForce RTX 5080 with CUDA capability sm_120 is not compatible", "capability", "12.0"),
        ("PyTorch 2.0.1+cu118 with CUDA 1108 (you have 2.1.0+cu121)", "torch", "2.1.0"),
        ("C:\\Users\\me\\AppData\\Local\\Programs\\Python\\Python311\\Lib\\x.py", "python", "3.11"),
        ("/usr/lib/python3.10/site-packages/torch/x.so", "python", "3.10"),
        ("Successfully installed numpy-2.1.3 torch-2.6.0+cu124 triton-3.2.0", "torch_cuda", "12.4"),
        ("gpu: 2080Ti", "capability", "7.5"),
        ("gpu: GTX 3090", "capability", "8.6"),
        ("gpu: RTX-4090D", "capability", "8.9"),
        ("gpu: NVIDIA 5070", "capability", "12.0"),
        ("gpu: 2x RTX 5090", "gpu_count", "2"),
        ("gpu: 5 NVIDIA GPUs", "gpu_count", "5"),
        ("显卡: NVIDIA GeForce RTX 3070", "capability", "8.6"),
        ("GPU: AMD Radeon RX 7900 XTX", "gpu_vendor", "amd"),
        ("gpu: none", "gpu_vendor", "none"),
        ("set CUDA_VISIBLE_DEVICES=0 && python train.py", "variable.CUDA_VISIBLE_DEVICES", "0 "),
        ('$env:HF_ENDPOINT="https://hf-mirror.com"', "variable.HF_ENDPOINT", "https://hf-mirror.com"),
        ("python: 3.10.6 (32-bit)", "python_bits", "32"),
        ("   \\        /    Torch: 2.11.0+cu128. CUDA: 8.9. CUDA Toolkit: 12.8.", "torch", "2.11.0"),
    ],
)
def test_messages_tell_facts_aside(words: str, name: str, value: str) -> None:
    assert facts(words)[name][0] == value


@pytest.mark.parametrize(
    "words",
    [
        "ERROR: Could not find a version that satisfies the requirement torch==2.6.0+cu124 (from versions: none)",
        "cmd> pip install torch==2.6.0+cu124 --index-url https://download.pytorch.org/whl/cu124",
        "Collecting torch==2.6.0",
        "xFormers was built for: PyTorch 2.6.0+cu124 with CUDA 1204",
    ],
)
def test_a_demand_is_not_what_is_installed(words: str) -> None:
    assert "torch" not in facts(words)


def test_a_piece_of_advice_sets_no_variable() -> None:
    assert "variable.USE_LIBUV" not in facts("run with USE_LIBUV=0 to disable it")


def test_what_is_not_told_is_unknown() -> None:
    read = read_text(b"hello\n")
    assert not read.facts
    assert not isinstance(read.snapshot.nvidia, NvidiaDriver)
    assert not isinstance(read.snapshot.environment, PythonEnvironment)


def test_a_wheels_name_tells_what_it_was_built_for() -> None:
    read = read_text(b"flash_attn-2.8.2+cu12torch2.6cxx11abiFALSE-cp311-cp311-linux_x86_64.whl\n")
    environment = read.snapshot.environment
    assert isinstance(environment, PythonEnvironment)
    assert isinstance(environment.built_for, tuple)
    (built,) = environment.built_for
    assert (built.package, built.torch, built.cuda, built.python) == ("flash-attn", "2.6", "12", "cp311")
    assert built.cxx11_abi is False and built.system == "linux"


@pytest.mark.parametrize(
    ("words", "system"),
    [
        ('  File "/Users/ann/miniforge3/lib/python3.11/site-packages/torch/__init__.py", line 1', "macos"),
        ("OMP: Error #15: Initializing libiomp5.dylib, but found libomp.dylib already initialized.", "macos"),
        ("my MacBook Pro M2\nAssertionError: Torch not compiled with CUDA enabled", "macos"),
        ('  File "C:/Users/ann/venv/Lib/site-packages/torch/__init__.py", line 1\n[WinError 126]', "windows"),
        ('  File "/home/ann/venv/lib/python3.11/site-packages/torch/__init__.py", line 1', "linux"),
        ("os: Linux\nbuilt on /Users/ann/work", "linux"),
    ],
)
def test_paths_tell_the_system(words: str, system: str) -> None:
    assert facts(words)["os"] == (system,)


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (">>> import torch\n>>> torch.__version__\n'2.3.1'\n>>> torch.cuda.is_available()\nFalse", "false"),
        ("torch: 2.3.1\n>>> print(torch.cuda.is_available())\nTrue", "true"),
        (
            '$ python -c "import torch; print(torch.__version__); print(torch.cuda.is_available())"\n2.9.0\nFalse',
            "false",
        ),
        ("torch: 2.5.1\nIn [2]: torch.cuda.is_available()\nOut[2]: False", "false"),
    ],
)
def test_the_answer_stands_below_the_question(words: str, answer: str) -> None:
    assert facts(words)["cuda_available"] == (answer,)


def test_a_call_in_code_is_no_question() -> None:
    words = "torch: 2.5.1\ndevice = 'cuda' if torch.cuda.is_available() else 'cpu'\nFalse"
    assert "cuda_available" not in facts(words)


def test_pip_show_is_read() -> None:
    words = "$ pip show torch torchvision\nName: torch\nVersion: 2.3.1+cu121\n---\nName: torchvision\nVersion: 0.18.0"
    found = facts(words)
    assert found["torch"] == ("2.3.1",) and found["torch_cuda"] == ("12.1",)
    assert found["package.torchvision"] == ("0.18.0",)


def test_the_banner_of_unsloth_tells_its_triton() -> None:
    banner = "O^O/ \\_/ \\    Torch: 2.6.0+cu124. CUDA: 8.9. CUDA Toolkit: 12.4. Triton: 3.2.0"
    assert facts(banner)["package.triton"] == ("3.2.0",)
    assert "package.triton" not in facts("triton-windows==3.2.0.post21\n" + banner)


@pytest.mark.parametrize(
    ("words", "none"),
    [
        ("cpu: Intel Core i5-1235U, no NVIDIA GPU", True),
        ("This laptop has no dedicated graphics card.", True),
        ("这台电脑没有 NVIDIA 显卡", True),
        ("RuntimeError: No NVIDIA GPU found", False),
        ("WARNING: No NVIDIA/AMD GPU detected.", False),
        ("gpu: NVIDIA GeForce RTX 3060\nit runs as if there is no NVIDIA GPU", False),
    ],
)
def test_a_machine_without_a_card_may_be_told_in_passing(words: str, none: bool) -> None:
    assert (facts(words).get("gpu_vendor") == ("none",)) is none


def test_the_drivers_number_of_windows_is_translated() -> None:
    words = "Card name: NVIDIA GeForce RTX 5060 Laptop GPU\nDriver Version: 32.0.15.7688"
    assert facts(words)["driver"] == ("576.88",)
