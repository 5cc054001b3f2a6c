"""``python -m digitpad`` runs the program, as ``digitpad`` does."""

import sys
from typing import NoReturn

from digitpad.core.runtime.libraries import import_failure


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
