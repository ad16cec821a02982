"""The smoke test as a module of its own: `python -m moue_training.smoke`."""

from argparse import Namespace

from .commands.smoke import run

if __name__ == "__main__":
    run(Namespace())
