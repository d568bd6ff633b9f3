"""Run the command line by ``python -m opendocket``."""

from opendocket.cli import main

if __name__ == "__main__":
    main(prog_name="opendocket")
