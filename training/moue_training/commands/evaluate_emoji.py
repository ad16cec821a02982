"""Measures how often a clear FER+ face gets an emoji of its emotion first."""

import argparse

from ..eval.emoji import evaluate_emoji


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Defines the arguments."""
    usages = ["PublicTest", "PrivateTest"]
    parser.add_argument("--moue", default="moue", help="path of the program")
    parser.add_argument("--usage", default="PrivateTest", choices=usages, help="split of FER+")


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    for line in evaluate_emoji(args.moue, args.usage):
        print(line, flush=True)
