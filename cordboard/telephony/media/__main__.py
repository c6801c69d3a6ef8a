"""`python -m cordboard.telephony.media --number N`: one media process."""

import argparse
import logging

from cordboard.lib.memory import one_arena
from cordboard.telephony.media.process import run


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m cordboard.telephony.media", description="Run one media process.")
    parser.add_argument("--number", type=int, default=0, help="which of the installation's media processes, from 0")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("aioice").setLevel(logging.WARNING)  # it tells every check at INFO
    one_arena()
    run(arguments.number)


if __name__ == "__main__":
    main()
