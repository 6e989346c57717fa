"""nvidia-smi's output in all its eras and forms, read into facts."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from doctor.reading.nvidia_smi import parse_banner, parse_log, parse_table, parse_xml
from doctor.snapshot.model import NvidiaDriver, Unknown

RECORDINGS = Path(__file__).parents[2] / "recordings" / "nvidia-smi"


def _words(name: str) -> str:
    return (RECORDINGS / name).read_text(encoding="utf-8")


def _table(words: str) -> NvidiaDriver:
    driver = parse_table(words)
    assert driver is not None
    return driver


@pytest.mark.parametrize(
    ("words", "driver", "cuda"),
    [
        ("| NVIDIA-SMI 450.57       Driver Version: 450.57       CUDA Version: 11.0     |", "450.57", "11.0"),
        ("| NVIDIA-SMI 610.43.02     KMD Version: 610.43.02     CUDA UMD Version: 13.3  |", "610.43.02", "13.3"),
        ("NVIDIA-SMI 610.47 | KMD Version: 610.47 | CUDA UMD Version: 13.3", "610.47", "13.3"),
        ("| NVIDIA-SMI 580.82.10   Driver Version: 581.29   CUDA Version: 13.0 |", "581.29", "13.0"),
        ("gpu: GeForce GTX 1650\ndriver: Driver Version: 460.80", "460.80", None),
        ("driver: NVIDIA-SMI, 581.57", "581.57", None),
        ("NVIDIA-SMI 375.26   Driver Version: 375.26", "375.26", None),
        ("driver: 610.47\nnvidia-smi cuda: CUDA UMD Version 13.3", None, "13.3"),
        ("NVIDIA-SMI 566.36  Driver Version: 566.36\nCUDA Version: 12.7", "566.36", "12.7"),
        ("NVIDIA-SMI 531.18  Driver Version: 531.18  CUDA Version: N/A", "531.18", None),
    ],
)
def test_both_spellings_of_the_banner_are_read(words: str, driver: str | None, cuda: str | None) -> None:
    found = parse_banner(words)
    assert tuple(None if isinstance(part, Unknown) else part for part in found) == (driver, cuda)


def test_the_cuda_version_of_a_container_or_of_torch_is_not_the_drivers() -> None:
    for words in ("==========\n== CUDA ==\n==========\nCUDA Version 12.1.1", "PyTorch 2.6, CUDA Version: 12.4"):
        assert isinstance(parse_banner(words)[1], Unknown)
        assert parse_table(words) is None


def test_a_failing_nvidia_smi_is_quoted_as_the_reason() -> None:
    driver, _ = parse_banner("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.")
    assert isinstance(driver, Unknown) and "couldn't communicate" in driver.why


def test_a_table_of_375_has_its_cards_with_cut_names() -> None:
    driver = _table(_words("375-linux-three-cards.txt"))
    assert driver.version == "375.26" and isinstance(driver.cuda_version, Unknown)
    assert [gpu.name for gpu in driver.gpus] == ["GeForce GTX 1080", "TITAN X (Pascal)", "GeForce GTX TIT..."]
    assert [gpu.memory_total_mib for gpu in driver.gpus] == [8113, 12189, 12207]
    assert [gpu.pci_bus for gpu in driver.gpus] == ["0000:03:00.0", "0000:04:00.0", "0000:05:00.0"]
    assert [gpu.driver_model for gpu in driver.gpus] == ["none"] * 3
    assert isinstance(driver.gpus[0].processes, tuple)
    assert [(process.name, process.memory_mib) for process in driver.gpus[0].processes] == [("python", 107)]


def test_a_table_of_450_is_read() -> None:
    driver = _table(_words("450-linux-titan-xp.txt"))
    gpu = driver.gpus[0]
    assert (driver.version, driver.cuda_version, len(driver.gpus)) == ("450.57", "11.0", 1)
    assert (gpu.name, gpu.power_limit_watts, gpu.temperature_celsius) == ("TITAN Xp", 250, 39)
    assert gpu.memory_free_mib == 12196 - 7
    assert isinstance(gpu.processes, Unknown), "the table was cut off before its processes"


def test_driver_models_displays_and_programs_of_windows_are_read() -> None:
    first, second = _table(_words("526-windows-tcc-and-wddm.txt")).gpus
    assert (first.name, first.driver_model, first.display_attached) == ("Tesla P100-PCIE...", "tcc", False)
    assert (second.name, second.driver_model, second.display_attached) == ("NVIDIA GeForce ...", "wddm", True)
    assert first.processes == ()
    assert isinstance(second.processes, tuple)
    assert [process.name for process in second.processes] == ["EpicGamesLauncher.exe", "explorer.exe", "python.exe"]
    assert all(isinstance(process.memory_mib, Unknown) for process in second.processes)


def test_a_lost_card_counts_and_mig_slices_do_not() -> None:
    first, second = _table(_words("535-linux-lost-and-mig.txt")).gpus
    assert (first.name, first.memory_total_mib) == ("NVIDIA A100-SXM4-40GB", 40960)
    assert second.name == "NVIDIA GeForce RTX 3090"
    assert isinstance(second.memory_total_mib, Unknown) and isinstance(second.temperature_celsius, Unknown)
    assert first.processes == second.processes == ()


def test_under_wsl_the_program_and_the_driver_have_different_versions() -> None:
    driver = _table(_words("580-wsl-under-581-windows.txt"))
    assert (driver.version, driver.smi_version, driver.cuda_version) == ("581.29", "580.82.10", "13.0")
    assert [gpu.memory_total_mib for gpu in driver.gpus] == [16311, 16311]


def test_a_table_of_610_is_read() -> None:
    driver = _table(_words("610-windows-laptop.txt"))
    gpu = driver.gpus[0]
    assert (driver.version, driver.cuda_version) == ("610.47", "13.3")
    assert (gpu.name, gpu.driver_model, gpu.memory_total_mib) == ("NVIDIA GeForce RTX 5090 ...", "wddm", 24463)


@pytest.mark.parametrize(
    ("words", "cards"),
    [
        (
            "GPU 0: NVIDIA GeForce RTX 5090 [WDDM] 2MiB / 32607MiB\nGPU 1: Tesla P100-PCIE... [TCC] 8MiB / 16384MiB",
            [(0, "NVIDIA GeForce RTX 5090", 32607), (1, "Tesla P100-PCIE...", 16384)],
        ),
        (
            "GPU 0: GeForce GTX 1080 [Off] 2MiB / 8113MiB\nGPU 1: TITAN X (Pascal) [Off] 2MiB / 12189MiB\n"
            "GPU 2: GeForce GTX TIT... [Off]",
            [(0, "GeForce GTX 1080", 8113), (1, "TITAN X (Pascal)", 12189), (2, "GeForce GTX TIT...", None)],
        ),
        (
            "GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-12345678-1234-1234-1234-123456789012)\n"
            "  MIG 1g.5gb      Device  0: (UUID: MIG-12345678-1234)\nGPU 1: Tesla T4 (UUID: GPU-22345678-1234)",
            [(0, "NVIDIA A100-SXM4-40GB", None), (1, "Tesla T4", None)],
        ),
        ("name, memory.total [MiB]\nNVIDIA GeForce RTX 4090, 24564 MiB", [(0, "NVIDIA GeForce RTX 4090", 24564)]),
        (
            "[0] NVIDIA GeForce RTX 3090 | 45'C,   0 % |   500 / 24576 MB | alice(300M)\n"
            "[1] Tesla V100-SXM2-32GB | 41'C,   0 % |     4 / 32768 MB |",
            [(0, "NVIDIA GeForce RTX 3090", 24576), (1, "Tesla V100-SXM2-32GB", 32768)],
        ),
        ("NVIDIA GeForce RTX 3060, 8.6, 12288 MiB, 551.86", [(0, "NVIDIA GeForce RTX 3060", 12288)]),
        (
            "$ nvidia-smi --query-gpu=index,name,compute_cap,memory.total,driver_version "
            "--format=csv,noheader,nounits\n"
            "0, NVIDIA GeForce RTX 5060 Ti, 12.0, 16311, 580.97\n1, NVIDIA GeForce RTX 5060 Ti, 12.0, 16311, 580.97",
            [(0, "NVIDIA GeForce RTX 5060 Ti", 16311), (1, "NVIDIA GeForce RTX 5060 Ti", 16311)],
        ),
        ("GPU models and configuration: GPU 0: NVIDIA GeForce GTX 1080 Ti", [(0, "NVIDIA GeForce GTX 1080 Ti", None)]),
    ],
)
def test_shortened_forms_lists_and_csv_are_read(words: str, cards: list[tuple[int, str, int | None]]) -> None:
    driver = _table("NVIDIA-SMI 580.82.09 | Driver Version: 580.82.09 | CUDA Version: 13.0\n" + words)
    assert driver.version == "580.82.09"
    assert [
        (gpu.index, gpu.name, None if isinstance(gpu.memory_total_mib, Unknown) else gpu.memory_total_mib)
        for gpu in driver.gpus
    ] == cards


@pytest.mark.parametrize("before", ["> ", "> > ", "app-1  | ", "2026-06-07T08:16:57Z ", "    ", "12 |"])
def test_a_quoted_or_logged_table_is_read(before: str) -> None:
    words = "\n".join(before + line for line in _words("610-windows-laptop.txt").splitlines())
    gpu = _table(words).gpus[0]
    assert (gpu.index, gpu.name, gpu.memory_total_mib) == (0, "NVIDIA GeForce RTX 5090 ...", 24463)


def test_a_table_that_lost_its_blanks_and_bars_is_read() -> None:
    words = " ".join(_words("450-linux-titan-xp.txt").replace("|", " ").splitlines()[1:3]) + "\n"
    words += "\n".join(
        " ".join(line.split()) for line in _words("450-linux-titan-xp.txt").replace("|", " ").splitlines()
    )
    gpu = _table(words).gpus[0]
    assert (gpu.name, gpu.memory_total_mib, gpu.temperature_celsius) == ("TITAN Xp", 12196, 39)


def test_csv_alone_gives_driver_and_capability() -> None:
    driver = _table("name, driver_version, compute_cap\nNVIDIA GeForce RTX 3090, 535.86.05, 8.6")
    assert (driver.version, driver.gpus[0].compute_capability) == ("535.86.05", "8.6")


def test_a_list_gives_back_a_name_that_the_table_cut_off() -> None:
    driver = _table(
        _words("610-windows-laptop.txt") + "\nGPU 0: NVIDIA GeForce RTX 5090 Laptop GPU (UUID: GPU-12345678-1)"
    )
    assert [gpu.name for gpu in driver.gpus] == ["NVIDIA GeForce RTX 5090 Laptop GPU"]
    assert driver.gpus[0].uuid == "GPU-12345678-1"
    assert driver.gpus[0].memory_total_mib == 24463


def test_other_lines_that_begin_with_gpu_are_no_cards() -> None:
    words = (
        "torch.OutOfMemoryError: CUDA out of memory. (GPU 0; 23.99 GiB total capacity; 22.27 GiB already allocated)\n"
        "GPU 0: rank 0 loss 1.234\nGPU 0 has a total capacity of 15.92 GiB of which 0 bytes is free.\n"
        "GPU 1: 98% busy, GPU memory 12 GiB"
    )
    assert parse_table(words) is None


def test_the_long_log_is_read() -> None:
    driver = parse_log(_words("566-q-laptop.txt"))
    assert driver is not None and driver == _without_smi(_table(_words("566-q-laptop.txt")))
    gpu = driver.gpus[0]
    assert (driver.version, driver.cuda_version) == ("566.36", "12.7")
    assert (gpu.name, gpu.driver_model, gpu.memory_total_mib) == ("NVIDIA GeForce RTX 4070 Laptop GPU", "wddm", 8188)
    assert (gpu.pcie_generation, gpu.pcie_width, gpu.pcie_width_max) == (4, 8, 16)
    assert (gpu.power_limit_watts, gpu.temperature_celsius, gpu.display_attached) == (80, 44, False)


def _without_smi(driver: NvidiaDriver) -> NvidiaDriver:
    return NvidiaDriver(
        version=driver.version, cuda_version=driver.cuda_version, gpus=driver.gpus, source=driver.source
    )


def test_xml_is_read() -> None:
    driver = parse_xml(_words("580-two-5060ti.xml"))
    assert driver is not None and driver.source == "nvidia-smi"
    first, second = driver.gpus
    assert (driver.version, driver.cuda_version) == ("581.29", "13.0")
    assert (first.memory_total_mib, first.memory_free_mib, first.pci_bus) == (16311, 14842, "00000000:01:00.0")
    assert (first.pcie_generation, first.pcie_width, second.pcie_width) == (4, 8, 4)
    assert (first.power_limit_watts, first.temperature_celsius) == (180, 41)
    assert (first.display_attached, second.display_attached) == (True, False)
    assert isinstance(first.processes, tuple) and first.processes[0].name == "chrome.exe"
    assert isinstance(second.processes, Unknown) and isinstance(second.temperature_celsius, Unknown)
    assert isinstance(first.compute_capability, Unknown)


def test_xml_amid_other_text_or_with_the_words_of_610_is_read() -> None:
    words = _words("580-two-5060ti.xml")
    words = words.replace(
        "<driver_version>581.29</driver_version>",
        "<driver_version>[Deprecated, use KMD Version]</driver_version><kmd_version>610.47</kmd_version>",
    ).replace(
        "<cuda_version>13.0</cuda_version>",
        "<cuda_version>[Deprecated]</cuda_version><cuda_umd_version>13.3</cuda_umd_version>",
    )
    driver = parse_table("here it is:\n" + words + "\nthat was it")
    assert driver is not None and (driver.version, driver.cuda_version, driver.source) == ("610.47", "13.3", "text")


@pytest.mark.parametrize("words", ["", "<nvidia_smi_log>", "<nvidia_smi_log><gpu></nvidia_smi_log>", "&lol;"])
def test_what_is_no_xml_is_refused_quietly(words: str) -> None:
    assert parse_xml(words) is None


def test_no_cut_and_no_noise_makes_a_reader_raise() -> None:
    recordings = [file.read_text(encoding="utf-8") for file in sorted(RECORDINGS.iterdir())]
    chance = random.Random(7)
    for words in recordings:
        for _ in range(60):
            begin = chance.randrange(len(words))
            piece = words[begin : begin + chance.randrange(len(words))]
            noise = "".join(
                chance.choice(["|", " ", "GPU 0: ", "MiB / ", "N/A", "\x00", "内存", piece]) for _ in range(20)
            )
            for text in (piece, noise, piece.replace(" ", "\t")):
                parse_table(text)
                parse_banner(text)
