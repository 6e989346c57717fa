"""What the doctor's other tables say about builds agrees with the catalogue's facts."""

from __future__ import annotations

from doctor.catalogue.facts import covers, library_covers
from doctor.catalogue.load import load_catalogue
from doctor.checks.torch_builds import architectures, matching_torch, oldest_driver, read_torch_build
from doctor.versions import at_least

FACTS = load_catalogue().facts
CARDS = ("5.0", "5.2", "6.0", "6.1", "7.0", "7.5", "8.0", "8.6", "8.9", "9.0", "10.0", "10.3", "12.0", "12.1")


def test_the_checks_know_the_same_architectures_and_drivers() -> None:
    for build in FACTS.builds:
        if (build.torch, build.variant, build.system) == ("2.8", "cu126", "windows"):
            continue  # two sources contradict each other below 6.1; the catalogue has what both say
        known = read_torch_build(f"{build.torch}.0+{build.variant}", build.system)
        served = architectures(known, build.system)
        assert served is not None
        for card in CARDS:
            assert covers(served, card) == covers(build.architectures, card), (build, card)
        least = FACTS.minimum_driver(known.cuda)
        assert least is not None
        assert oldest_driver(known, build.system) == least.of(build.system)


def test_the_checks_know_the_same_companions_and_default_builds() -> None:
    for release in FACTS.releases:
        short = release.version.rpartition(".")[0]
        for vision in release.torchvision:
            assert matching_torch("torchvision", vision) in (None, short)
        if release.torchaudio:
            assert matching_torch("torchaudio", release.torchaudio) in (None, short)
        assert release.linux_cuda.startswith(read_torch_build(release.version, "linux").cuda)
        assert release.new_abi == at_least(release.version, "2.7")


def test_every_build_is_one_that_its_index_has() -> None:
    variants = {each.torch: each.variants for each in FACTS.variants}
    for build in FACTS.builds:
        assert build.variant in variants[build.torch], build


def test_ptx_carries_a_library_on_and_torch_not() -> None:
    assert not covers(("8.0", "9.0"), "12.0")
    assert library_covers(("8.0", "9.0"), ("9.0",), "12.0")
    assert not library_covers(("8.0", "9.0"), ("9.0",), "7.5")
