"""Runs in the peers' own environment: asks light-the-torch and torchruntime what they would install on a machine.

Reads one JSON list of machines on stdin and prints one JSON list of answers. The peers' functions run as they are; only
what they take from the machine itself (system, driver's answer, list of devices) is given to them.
"""

import contextlib
import io
import json
import subprocess
import sys
import types


def light_the_torch(machine):
    """The computation backends that it finds, such as `["cpu", "cu118"]`."""
    from light_the_torch import _cb

    said = types.SimpleNamespace(stdout=f"driver_version\n{machine['driver']}\n")
    _cb.platform = types.SimpleNamespace(system=lambda: machine["system"].capitalize())
    _cb.subprocess = types.SimpleNamespace(
        run=lambda *arguments, **options: said, CalledProcessError=subprocess.CalledProcessError
    )
    return sorted(str(backend) for backend in _cb.detect_compatible_computation_backends())


def torchruntime(machine):
    """The arguments that it gives to pip, or what it says instead."""
    from torchruntime import device_db, installer, platform_detection

    windows = machine["system"] == "windows"
    for module in (device_db, installer, platform_detection):
        module.os_name = machine["system"].capitalize()
    platform_detection.arch = "amd64" if windows else "x86_64"
    platform_detection.py_version = tuple(int(part) for part in machine["python"].split("."))
    if windows:
        lines = (f"PCI\\VEN_10DE&DEV_{pci.upper()}&SUBSYS_00000000&REV_A1\\4&0&0&0008" for pci in machine["pci"])
        devices = device_db.parse_windows_output("\n".join(lines))
    else:
        lines = (f"01:00.0 VGA compatible controller [0300]: NVIDIA Corporation [10de:{pci}]" for pci in machine["pci"])
        devices = device_db.parse_linux_output("\n".join(lines))
    words = io.StringIO()
    try:
        with contextlib.redirect_stdout(words):
            platform = platform_detection.get_torch_platform(device_db.get_device_infos(devices), packages=["torch"])
            return {"pip": installer.get_install_commands(platform, ["torch"])[0]}
    except NotImplementedError as refusal:
        return {"refused": str(refusal)}


def main():
    """Answer for every machine, by every peer that is installed here."""
    answers = []
    for machine in json.load(sys.stdin):
        answer = {}
        for peer in (light_the_torch, torchruntime):
            with contextlib.suppress(ImportError):
                answer[peer.__name__] = peer(machine)
        answers.append(answer)
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
