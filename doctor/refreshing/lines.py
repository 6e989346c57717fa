"""Facts that were read out of a wheel, as lines of the catalogue's tables. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.refreshing.comparing import built_for, built_ptx, least, plain, python_of, release_of, triton_of, variant_of

if TYPE_CHECKING:
    from doctor.reading.wheel_facts import TorchWheel, WheelFacts


def table_lines(wheel: WheelFacts) -> tuple[tuple[str, dict[str, str]], ...]:
    """Tables with the cells that this wheel tells, by column. Columns that it cannot tell are left out."""
    name = wheel.name
    source = f"PyPI_{name.package}_{release_of(name.version)}"
    found: list[tuple[str, dict[str, str]]] = []
    if wheel.torch is not None:
        torch = wheel.torch
        version = release_of(torch.version)
        release = {"torch": version, f"pythons of {name.system}": python_of(name.pythons[0])}
        release |= {"glibc": name.glibc} if name.glibc else {}
        if name.system == "linux" and "+" not in name.version:
            release |= {"cuda of linux": torch.cuda, "triton": triton_of(wheel)}
        if torch.numpy_2 is not None:
            release[f"numpy {name.system}"] = "2" if torch.numpy_2 else "1"
        if torch.cxx11_abi is not None:
            release["abi"] = "new" if torch.cxx11_abi else "old"
        if torch.gloo is not None:
            release["gloo windows"] = "yes" if torch.gloo else "no"
        if torch.threads_runtime is not None:
            release["vc threads"] = "yes" if torch.threads_runtime else "no"
        found.append(("torch.releases", release))
        if torch.cuda and torch.code is not None:
            build = {"torch": ".".join(version.split(".")[:2]), "variant": variant_of(torch), "system": name.system}
            build |= {"code for": built_for(torch.code), "ptx": _ptx(torch)}
            found.append(("torch.builds", build | {"source": source}))
    elif name.package == "bitsandbytes":
        alike: dict[tuple[str, str], list[str]] = {}
        for library in wheel.libraries:
            if library.code is not None and library.cuda:
                key = (built_for(library.code), built_ptx(library.code))
                alike.setdefault(key, []).append("cu" + library.cuda.replace(".", ""))
        for (code, ptx), variants in alike.items():
            line = {"version": name.version, "system": name.system, "cuda": " ".join(variants)}
            line |= {"code for": code, "ptx": ptx, "python": least(wheel.requires_python)}
            line["torch"] = least(next((each for each in wheel.requires if each.startswith("torch")), ""))
            found.append(("bitsandbytes.libraries", line))
    elif wheel.code is not None:
        carried = (f"+{one}" for one in plain(wheel.code.ptx_architectures))
        gpus = " ".join((*plain(wheel.code.architectures), *carried))
        line = {"system": name.system, "gpus": gpus, "package": f"{name.package}=={name.version}"}
        found.append(("part.offers", line | {"source": source}))
    return tuple(found)


def _ptx(torch: TorchWheel) -> str:
    """Out of the code where all of it was read, else out of torch's own list."""
    if torch.code is not None and torch.code.whole:
        return built_ptx(torch.code)
    listed = (name.removesuffix("+PTX") for name in torch.architectures if name.endswith("+PTX"))
    return " ".join(plain(listed))
