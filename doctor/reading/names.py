"""Names under which logs and listings tell facts: keys, packages, cards. Pure."""

from __future__ import annotations

import re

from doctor.gpu_models import capability_of
from doctor.late_pattern import late_pattern

_NAMES: dict[str, tuple[str, ...]] = {
    "os": (
        "os",
        "operating system",
        "platform",
        "system",
        "os version",
        "os platform",
        "os name",
        "操作系统",
        "系统",
    ),
    "python": (
        "python",
        "python version",
        "python.version",
        "python 版本",
        "python version (64-bit)",
    ),
    "torch": (
        "torch",
        "pytorch",
        "pytorch version",
        "torch version",
        "pytorch version (gpu?)",
        "pytorch.version",
        "pytorch version (accelerator?)",
        "installed torch",
        "torch.__version__",
        "pytorch 版本",
        "torch 版本",
    ),
    "torch_cuda": (
        "torch cuda",
        "cuda used to build pytorch",
        "torch.version.cuda",
        "torch cuda version",
        "pytorch cuda",
        "pytorch cuda version",
    ),
    "available": (
        "torch.cuda.is_available",
        "torch.cuda.is_available()",
        "is cuda available",
        "cuda available",
        "cuda is available",
        "gpu available",
        "pytorch.cuda",
        "cuda 可用",
    ),
    "toolkit": (
        "cuda toolkit",
        "nvcc",
        "cuda runtime version",
        "cuda toolkit version",
        "nvcc version",
        "cuda_path",
    ),
    "driver": (
        "driver",
        "nvidia driver version",
        "driver version",
        "nvidia driver",
        "gpu driver",
        "kmd version",
        "驱动版本",
    ),
    "driver_cuda": (
        "nvidia-smi cuda",
        "cuda umd version",
        "cuda driver version",
        "max cuda version",
        "driver cuda",
    ),
    "gpu": (
        "gpu",
        "gpus",
        "gpu type",
        "gpu name",
        "gpu.name",
        "gpu models and configuration",
        "cuda devices",
        "gpu model",
        "graphics card",
        "graphics",
        "video card",
        "nvidia gpu",
        "cards",
        "显卡",
    ),
    "gpu_count": (
        "gpu count",
        "gpu number",
        "number of gpus",
        "num gpus",
        "gpu.count",
        "nproc_per_node",
    ),
    "vram": (
        "vram",
        "gpu memory",
        "gpu vram",
        "total vram",
        "显存",
    ),
    "memory": (
        "ram",
        "system memory",
        "system ram",
        "total memory",
        "total ram",
        "内存",
        "host memory",
    ),
    "capability": (
        "compute capability",
        "gpu.compute_capability",
        "cuda capability",
        "highest compute capability",
    ),
    "rocm": (
        "hip",
        "rocm",
        "rocm used to build pytorch",
    ),
}

KEYS = {name: fact for fact, names in _NAMES.items() for name in names}
"""Normalised key → fact."""

PACKAGES = frozenset({
    "torch", "torchvision", "torchaudio", "torchtext", "torchao", "torchdata", "numpy", "scipy",
    "transformers", "tokenizers", "peft", "trl", "accelerate", "datasets", "bitsandbytes",
    "bitsandbytes-windows", "flash-attn", "xformers", "triton", "triton-windows", "deepspeed",
    "huggingface-hub", "safetensors", "sentencepiece", "llamafactory", "unsloth", "unsloth-zoo", "vllm",
    "llama-cpp-python", "gguf", "cyllama", "diffusers", "onnxruntime", "onnxruntime-gpu", "tensorflow",
    "keras", "optimum", "auto-gptq", "gptqmodel", "autoawq", "hqq", "ninja", "cmake", "setuptools", "wheel",
    "pip", "pandas", "pydantic", "gradio", "protobuf", "tiktoken", "einops", "opencv-python", "numba",
    "scikit-learn", "matplotlib", "sentence-transformers", "liger-kernel", "cut-cross-entropy", "mlx",
    "ctranslate2", "faster-whisper", "openai-whisper", "nvidia-ml-py", "pynvml", "psutil", "hf-transfer",
    "hf-xet", "modelscope", "ms-swift", "axolotl", "lightning", "pytorch-lightning", "fairscale", "apex",
    "mkl", "intel-openmp", "timm", "ultralytics", "kernels", "fsspec", "pyarrow", "requests", "urllib3",
    "aiohttp", "httpx", "certifi", "tqdm", "rich", "typer", "click", "llm", "comfyui", "jax", "jaxlib",
    "nvidia-cudnn-cu12", "nvidia-cublas-cu12", "nvidia-cuda-runtime-cu12", "nvidia-nccl-cu12",
    "pytorch-triton",
})  # fmt: skip
"""Packages that are believed without `==` or `version` beside them."""

_ALIASES = {"pytorch": "torch", "flash-attention": "flash-attn", "llama-factory": "llamafactory", "pytorch-cuda": ""}

_WINDOWS = late_pattern(r"\bwin(dows)?[ -]?(7|8|10|11|server|nt)?\b|\bnt\b|win32|win_amd64|win-64", re.IGNORECASE)
_LINUX = late_pattern(
    r"linux|ubuntu|debian|fedora|centos|\barch\b|rocky|\brhel\b|red ?hat|suse|\bmint\b|pop!?_os|manjaro|colab|kaggle|"
    r"runpod|alma|alpine|nixos|deepin|kylin|openeuler|docker",
    re.IGNORECASE,
)
_MACOS = late_pattern(r"\bmac ?os|darwin|\bosx\b|apple silicon", re.IGNORECASE)
_WSL = late_pattern(r"\bWSL ?([12])?|microsoft-standard", re.IGNORECASE)

_AMD = late_pattern(r"\bradeon|\bamd\b|\brx ?[5679]\d{3}\b|instinct|\bgfx\d{3,4}|\bvega\b", re.IGNORECASE)
_INTEL = late_pattern(r"\bintel\b|\biris\b|\buhd graphics|\barc ?[ab]\d{3}", re.IGNORECASE)
_NVIDIA = late_pattern(r"nvidia|geforce|\brtx\b|\bgtx\b|tesla|quadro|titan", re.IGNORECASE)
_NOTHING = late_pattern(
    r"(no cuda|none|no gpu|no|n/?a|not available|no nvidia( gpu)?|cpu( only)?|-|无|没有)\.?", re.IGNORECASE
)
_TIMES = late_pattern(
    r"(?:^|\s)(\d{1,2}) ?[x×*] ?(?=[A-Za-z])|\s[x×*] ?(\d{1,2})\s*$|^(\d{1,2}) (?=NVIDIA|RTX|GTX|Tesla|GPU)"
)
_NAME_END = late_pattern(r"\s*[(,;\[]| with \d|\s+:\s|\s+-\s|\s{2,}")


def normal_package(name: str) -> str:
    """`flash_attn` → `flash-attn`; `pytorch` → `torch`; empty for one that says nothing."""
    normal = re.sub(r"[-_.]+", "-", name).lower().strip("-")
    return _ALIASES.get(normal, normal)


def systems_of(words: str) -> tuple[tuple[str, ...], int]:
    """The systems that a value names, the one at work first, and WSL's version (0: none)."""
    wsl = _WSL.search(words)
    found = [
        name for name, pattern in (("linux", _LINUX), ("windows", _WINDOWS), ("macos", _MACOS)) if pattern.search(words)
    ]
    if wsl:
        return ("linux", "windows"), int(wsl[1] or 2)
    if "windows" in found and "linux" in found:
        # `Windows-10-…` beats a mention of Docker behind it.
        linux, windows = _LINUX.search(words), _WINDOWS.search(words)
        assert linux is not None and windows is not None
        found.sort(key=lambda name: (linux if name == "linux" else windows).start())
    return tuple(found), 0


def gpus_of(words: str) -> tuple[list[str], list[str], bool]:
    """NVIDIA cards, other adapters, and whether the value says that there is none."""
    if _NOTHING.fullmatch(words.strip()):
        return [], [], True
    nvidia: list[str] = []
    others: list[str] = []
    for part in re.split(r"\s+\+\s+|\s*[,;、]\s*|\s+and\s+|\s+&\s+", words[:400]):
        times = _TIMES.search(part)
        count = int(next(filter(None, times.groups()), "1")) if times else 1
        name = _TIMES.sub(" ", part)
        name = _NAME_END.split(name.strip(), maxsplit=1)[0].strip(" .:-")
        if not name:
            continue
        if re.match(r"[2-5]0[5-9]0(?!\d)", name):
            name = f"GeForce RTX {name}"  # as people write: `gpu: 3090`, `2080Ti`
        if (_AMD.search(name) or _INTEL.search(name)) and not _NVIDIA.search(name):
            others.append(name)
        elif _NVIDIA.search(name) or capability_of(name):
            nvidia += [name] * min(max(count, 1), 16)
    return nvidia, others, False


def vendor_of(name: str) -> str:
    return "amd" if _AMD.search(name) else "intel" if _INTEL.search(name) else "other"
