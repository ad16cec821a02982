"""Measures the answers of `moue find` for clear FER+ faces: class, distance, variety, hubs."""

import argparse

from ..eval.matching import evaluate_matching


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Defines the arguments."""
    usages = ["PublicTest", "PrivateTest"]
    parser.add_argument("--moue", default="moue", help="path of the program")
    parser.add_argument("--usage", default="PrivateTest", choices=usages, help="split of FER+")


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    for line in evaluate_matching(args.moue, args.usage):
        print(line, flush=True)
