"""``python -m digitpad`` runs the program, as ``digitpad`` does."""

import os
import sys

# With -m, Python looks for modules in the current folder first: a student's random.py there would replace Python's.
# Only os is used here, because it is loaded already.
_PROJECT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120
if __name__ == "__main__" and sys.path[0] != _PROJECT and not sys.flags.safe_path:
    del sys.path[0]

from typing import NoReturn  # noqa: E402

from digitpad.core.runtime.libraries import import_failure  # noqa: E402


def main() -> NoReturn:
    """Run the program; if a library is missing, print its name."""
    try:
        from digitpad.program import main as run
    except ImportError as error:
        if sys.stderr is not None:
            print(f"digitpad: {import_failure(error).with_hint}", file=sys.stderr)  # noqa: T201 - as the command line does
        sys.exit(1)
    run()


if __name__ == "__main__":
    main()
