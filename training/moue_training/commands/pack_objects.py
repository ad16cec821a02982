r"""Packs pictures without faces, from Debian's packages, for the detector's scenes.

apt-get download tuxpaint-stamps-default gcompris-qt-data mate-backgrounds \
    plasma-workspace-wallpapers gnome-backgrounds
for package in *.deb; do dpkg-deb -x $package unpacked; done
"""

import argparse
from pathlib import Path

from ..data.objects import pack_objects


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Defines the arguments."""
    parser.add_argument("folder", type=Path, help="where the packages are unpacked")
    parser.add_argument("out", type=Path)


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    print(pack_objects(args.folder, args.out))
