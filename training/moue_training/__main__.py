"""Trains, exports and evaluates the networks of moue; see `training/README.md`."""

import argparse
import importlib
import sys

# In the order in which the recipe runs them; the modules have underscores for hyphens.
COMMANDS = (
    "label-faces",
    "pack-drawings",
    "pack-objects",
    "mark-hard-faces",
    "pack-frames",
    "train-face",
    "train-refine",
    "average-refiners",
    "crop-faces",
    "label-expressions",
    "train-teacher",
    "restore-student",
    "distill",
    "train-free-student",
    "set-nuance",
    "export",
    "free-calibration",
    "quantize",
    "remove-style",
    "fit-metric",
    "make-faces",
    "fine-tune",
    "set-matrix",
    "fit-readout",
    "evaluate",
    "evaluate-emoji",
    "evaluate-heads",
    "evaluate-matching",
    "evaluate-style",
    "compare-models",
    "ablation",
    "identity-leakage",
    "plot-curves",
    "smoke",
)


def main() -> None:
    """Runs the command that the first argument names; only its module is imported."""
    parser = argparse.ArgumentParser(prog="moue-training", description=__doc__)
    command_help = "one of " + ", ".join(COMMANDS)
    parser.add_argument("command", choices=COMMANDS, metavar="command", help=command_help)
    arguments = parser.parse_args(sys.argv[1:2])
    name = arguments.command.replace("-", "_")
    module = importlib.import_module(f"moue_training.commands.{name}")
    parser = argparse.ArgumentParser(
        prog=f"{parser.prog} {arguments.command}",
        description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.add_arguments(parser)
    module.run(parser.parse_args(sys.argv[2:]))


if __name__ == "__main__":
    main()
