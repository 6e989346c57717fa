# PYTHON_ARGCOMPLETE_OK
"""The `tunedoc` command. Kept thin: the version is answered before anything is loaded."""

import sys


def main() -> int:
    """Entry point of the console script."""
    if sys.argv[1:] == ["--version"]:
        from doctor.version import __version__

        sys.stdout.write(f"tunedoc {__version__}\n")
        return 0
    import gc
    import os

    # Starting makes many objects and no garbage: looking for some every 700 objects takes a tenth of the time.
    gc.set_threshold(100_000, 20, 20)
    if "_ARGCOMPLETE" in os.environ:  # noqa: TID251 - the shell asks for completions by this variable
        from doctor.cli.completion import complete

        complete()
    from doctor.cli.main import run

    return int(run(sys.argv[1:]))


if __name__ == "__main__":
    sys.exit(main())
