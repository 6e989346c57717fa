"""Patterns for single lines (of bounded length) of the listings and messages that people paste."""

from __future__ import annotations

import re

from doctor.late_pattern import late_pattern

KEY = late_pattern(
    r"^[\s>*•|+\-\[\]`]{0,12}([A-Za-z\u4e00-\u9fff][\w .()/?\-\u4e00-\u9fff]{0,50}?)`?\s{0,3"
    r"0}[:=：]\s{0,40}(\S.{0,600})$"
)
DOTS = late_pattern(r"\s\.{3,80}\s")
NUMBERED_GPU = late_pattern(
    r"^[\s*\-]{0,8}(?:GPU|Device|cuda)[ :#\[]{0,2}(\d{1,2})\]?\s?[:=]\s?(\S.{0,120})$", re.IGNORECASE
)
EQUALS = late_pattern(r"(?<![\w.-])([A-Za-z][A-Za-z0-9_.\-]{1,40})(?:\[[\w,]{1,40}\])?==(\d[\w.+!\-]{0,40})")
VERSION_OF = late_pattern(
    r"^[\s*•\-]{0,6}`?([A-Za-z][\w.\-]{1,40})`? version\s?[:=]\s?v?(\d[\w.+\-]{0,40})", re.IGNORECASE
)
COLUMNS = late_pattern(
    r"^[\s#]{0,4}([A-Za-z][\w.\-]{1,50})\s{1,60}(\d+(?:\.[\w+!\-]{1,30}){1,6})(?:\s{1,40}(\S{1"
    r",60}))?(?:\s.{0,80})?$"
)
SATISFIED = late_pattern(
    r"(?:Requirement already satisfied|Found existing installation): ([A-Za-z][\w.\-]{1,40})"
    r"(?:[^()]{0,200}\((\d[\w.+\-]{0,40})\)| (\d[\w.+\-]{0,40}))"
)
INSTALLED = late_pattern(
    r"(?<![\w.-])([A-Za-z][A-Za-z0-9_]{1,30}(?:-[a-z][a-z0-9]{0,20}){0,3})-(\d+\.\d[\w.+]{0,30})(?= |$)"
)
WHEEL = late_pattern(
    r"(?<![\w.-])([A-Za-z]\w{1,40})-(\d[\w.+!]{0,60})-(cp\d{2,3}t?|py3|py2\.py3)-\w{1,20}-(w"
    r"in_amd64|win32|manylinux|linux|macosx)\w{0,40}\.whl"
)
YOU_HAVE = late_pattern(r"\(you have (\d[\w.+]{2,30})\)")
TORCH = late_pattern(
    r"(?<![\w-])(?:py)?torch(?: version)?[ =:v-]{1,4}(\d\.\d{1,2}(?:\.\d{1,2})?(?:\.dev\d{6,8"
    r"}|rc\d|a0)?(?:\+[a-z]{2,5}[\d.]{0,5})?)(?![\w/])",
    re.IGNORECASE,
)
TRITON = late_pattern(r"(?<![\w-])Triton: (\d\.\d{1,2}\.\d{1,2})(?![\w.]*\w)")
NO_CARD = late_pattern(
    r"(?:\b(?:has|have|with|there is)|[,(;]) ?no (?:nvidia|discrete|dedicated)(?: or amd)? (?:gpu|graphics card)\b"
    r"(?! (?:was|is|found|detected|available))|没有 ?(?:nvidia|英伟达) ?(?:显卡|gpu)",
    re.IGNORECASE,
)
TAGGED = late_pattern(r"(?<![\w.])(\d\.\d{1,2}\.\d{1,2}\+(?:cu\d{3}|cpu|rocm[\d.]{3,6}|xpu))(?![\w])")
PYTHON = late_pattern(r"(?<![\w.])python[ :v=]{0,3}(3\.\d{1,2}(?:\.\d{1,2})?)(?![\d.])", re.IGNORECASE)
PYTHON_PLACE = late_pattern(
    r"[\\/]python(3)\.?(\d{1,2})[\\/]|\bPython(3)(\d{2,2})\b|[-_]cp(3)(\d{1,2})t?[-_.]|\.cpy"
    r"thon-(3)(\d{1,2})|python(3)\.(\d{1,2})(?=[\\/])",
    re.IGNORECASE,
)
CAPABLE = late_pattern(
    r"((?:NVIDIA |Tesla |GeForce |Quadro |TITAN )[\w .\-]{2,50}?) with CUDA capability sm_(\d{2,3})a?", re.IGNORECASE
)
FOUND_GPU = late_pattern(
    r"Found GPU(\d{1,2}) (.{2,60}?) which is of (?:cuda|compute) capability (?:\(CC\) )?(\d{1,2}\.\d)", re.IGNORECASE
)
SUPPORTS = late_pattern(r"supports CUDA capabilities ((?:(?:sm|compute)_\d{2,3}a?[ ,.]{0,3}){1,20})", re.IGNORECASE)
CAPABILITY = late_pattern(
    r"(?:compute|CUDA) capability(?: of)?[ :=]{1,3}(?:\(CC\) )?(\d{1,2}\.\d)\b|\bcapability[:= ]{1"
    r",3}\((\d{1,2}), ?(\d)\)",
    re.IGNORECASE,
)
SM = late_pattern(r"\bsm_?(\d{2,3})a?\b", re.IGNORECASE)
FOUND_VERSION = late_pattern(r"found version (\d{4,5})\b")
BNB = late_pattern(
    r"CUDA_VERSION[= ]{1,3}(\d{2})(\d)\b(?:.{0,20}Highest Compute Capability: (\d{1,2}\.\d))?", re.IGNORECASE
)
TOOLKIT = late_pattern(
    r"release (\d{1,2}\.\d), V\d|CUDA[\\/]v(\d{1,2}\.\d)\b|/usr/local/cuda-(\d{1,2}\.\d)|det"
    r"ected CUDA version \((\d{1,2}\.\d)\)",
    re.IGNORECASE,
)
MENTIONED = late_pattern(
    r"(?:(\d) ?[x×] ?)?\b((?:NVIDIA )?(?:GeForce )?(?:RTX|GTX) ?(?:PRO |A)?\d{3,4}(?: ?(?:Ti"
    r"|SUPER|D|Ada)){0,2}(?: Laptop GPU)?(?: \d{1,2} ?GB?)?|"
    r"(?:NVIDIA )?(?:Tesla |Quadro (?:RTX )?)(?:[A-Z]{0,2}\d{2,4})\w{0,3}|(?:NVIDIA )?(?:A10"
    r"0|H100|H200|A800|H800|V100|P100|L40S?|A10G|B200|TITAN (?:RTX|V|Xp?)))\b",
    re.IGNORECASE,
)
COUNTED = late_pattern(
    r"\b(\d{1,2}) (?:NVIDIA |visible )?GPUs\b|Initializing (\d{1,2}) distributed tasks|devic"
    r"e_count\(\)?[ :=]{1,4}(\d{1,2})\b|nproc[_-]per[_-]node[= ](\d{1,2})\b",
    re.IGNORECASE,
)
VARIABLE = late_pattern(
    r"(?:(?:\b(?:set|setx|export|env)\s{1,3}|\$env:)\s{0,2}\"?|os\.environ\[[\"']|^\s{0,8}(?:c"
    r"md>|PS [^>]{0,80}>|[$>#])?\s{0,4})"
    r"((?:CUDA|PYTORCH|TORCH|TRITON|NCCL|GLOO|HF|HUGGINGFACE|TRANSFORMERS|BNB|KMP|OMP|MKL|MA"
    r"STER|UV|PIP|DS|LLAMA|CMAKE|USE|PYTHON|LD|XFORMERS|TCNN|NVIDIA|WORLD|LOCAL)_[A-Z0-9_]{1"
    r",40}|PYTHONUTF8|PYTHONNOUSERSITE|PYTHONPATH|PYTHONHOME|HTTPS?_PROXY|FORCE_TORCHRUN)"
    r"(?:[\"']\])?\s{0,2}=\s{0,2}[\"']?([^\s\"';&|]{0,200})( &&)?"
)
AVAILABILITY_ASKED = late_pattern(r"cuda\.is_available\(\)[)\"';\s]*$")
SHOWN_NAME = late_pattern(r"Name: ([A-Za-z][\w.\-]{1,40})")
SHOWN_VERSION = late_pattern(r"Version: (\d[\w.+!\-]{0,40})")
ANSWER = late_pattern(r"(?:Out ?\[\d+\]: ?)?(True|False)")
VRAM_RAM = late_pattern(r"Total VRAM (\d{3,6}) ?MB, total RAM (\d{3,7}) ?MB", re.IGNORECASE)
GIB = late_pattern(r"(?<![\d.])(\d{1,7}(?:\.\d{1,3})?) ?(GiB|GB|G|MiB|MB)\b", re.IGNORECASE)
WINDOWS_SIGNS = late_pattern(
    r"\b[C-F]:[\\/]|\bWinError \d|\\site-packages\\|\\lib\\site|\.dll\b|win_amd64|\bWDDM\b|\\Users\\|\bM"
    r"SVC\b|cl\.exe|python\.exe|WindowsPath|powershell|%(?:LOCAL)?APPDATA%|\.bat\b|0xc0000",
    re.IGNORECASE,
)
LINUX_SIGNS = late_pattern(
    r"/usr/(?:lib|local|bin|share)|/home/|/opt/|/root/|/site-packages/|\.so\.\d|lib\w{2,30}\.s"
    r"o\b|manylinux|sudo |apt(?:-get)? install|/mnt/[a-z]/|PosixPath"
)
MACOS_SIGNS = late_pattern(
    r"(?:^|[\s\"'(=])/Users/\w|\.dylib\b|/opt/homebrew/|/Library/Frameworks/|macosx_\d|\bMacBook\b"
)
WSL_SIGNS = late_pattern(r"microsoft-standard|/usr/lib/wsl|/mnt/c/|\bWSL ?2?\b")


PAIRS = late_pattern(r"(?<![\w.-])([A-Za-z][\w.\-]{1,30}): (\d[\w.+]{0,30})")
COLUMN_PAIRS = late_pattern(r"(?<![\w.-])([A-Za-z][A-Za-z0-9_.\-]{1,40})[= ]{1,2}(\d[\w.+!\-]{0,40})")
DEMAND = late_pattern(r"collecting|requires|required|no matching|could not find|cmd>|pip3? install|uv (pip|add)")
ORDER = late_pattern(r"collecting|install ")
FOREIGN = late_pattern(r"built for|whl|\bwith cuda \d")
"""A version in such a line is another's than the installed torch's."""
