"""A staged folder like a package's, with a program of four bytes: packing is tested, not the program."""

import os
import shutil
import tempfile
import unittest
from pathlib import Path

from release import archives, project
from release.check import CONTENTS

LINUX = "x86_64-unknown-linux-gnu"
WINDOWS = "x86_64-pc-windows-msvc"
APPLE = "universal-apple-darwin"


def skip(what: str) -> None:
    """Skips a test that lacks something; where nothing may be skipped it fails."""
    if os.environ.get("MOUE_REQUIRE"):
        raise AssertionError(f"MOUE_REQUIRE is set, and there is no {what}")
    raise unittest.SkipTest(f"SKIPPED: there is no {what}")


class Folder(unittest.TestCase):
    """Each test has a folder."""

    def setUp(self) -> None:
        self.work = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.work)

    def staged(self, target: str) -> Path:
        """All that `contents.toml` asks of an archive, with the words that it asks for."""
        system = "windows" if target == WINDOWS else "apple" if target == APPLE else "linux"
        folder = self.work / project.folder_name(target)
        for name in CONTENTS["archive"] + CONTENTS[system]:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            words = [word for end, some in CONTENTS["words"].items() if name.endswith(end) for word in some]
            path.write_text("\n".join(words) or name)
        (folder / project.program_name(target)).write_bytes(b"MZ" if system == "windows" else b"\x7fELF")
        return folder

    def packed(self, target: str) -> Path:
        """The archive of a complete folder."""
        package = self.work / project.archive_name(target)
        archives.pack(self.staged(target), package)
        return package
