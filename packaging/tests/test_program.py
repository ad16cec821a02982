"""What a built program and cargo say of it: MOUE=target/release/moue python3 -m unittest, in packaging/."""

import os
from pathlib import Path

from release import check, deb, project, sbom
from release.stage import Build

from .helpers import LINUX, Folder, skip


class Program(Folder):
    def setUp(self) -> None:
        super().setUp()
        if not (program := os.environ.get("MOUE")):
            skip("program: MOUE is not set")
        self.build = Build(Path(program).resolve(), LINUX)

    def test_manuals_are_of_this_version(self) -> None:
        pages = self.work / "man"
        self.build.run("man", str(pages))
        self.assertIn(f"moue {project.version()}", (pages / "moue.1").read_text())
        named = set(check.CONTENTS["archive"])
        self.assertLessEqual(
            {name for name in named if name.startswith("man/")}, {f"man/{path.name}" for path in pages.iterdir()}
        )


class Debian(Folder):
    def staged(self, target: str) -> Path:
        folder = super().staged(target)
        (folder / "systemd/moue.service").write_bytes((project.ROOT / "packaging/moue.service").read_bytes())
        return folder

    def test_a_missing_file_is_noticed(self) -> None:
        folder = self.staged(LINUX)
        self.assertEqual(list(check.problems(deb.pack(folder, LINUX, self.work, "libc6"))), [])
        (folder / "man/moue-find.1").unlink()
        lacking = deb.pack(folder, LINUX, self.work, "libc6")
        self.assertEqual(list(check.problems(lacking)), [f"{lacking.name} lacks usr/share/man/man1/moue-find.1.gz"])

    def test_equal_files_make_equal_packages(self) -> None:
        folder = self.staged(LINUX)
        first = deb.pack(folder, LINUX, self.work, "libc6").read_bytes()
        again = self.work / "again"
        again.mkdir()
        self.assertEqual(first, deb.pack(folder, LINUX, again, "libc6").read_bytes())


class Materials(Folder):
    def test_the_bill_has_crates_and_networks_and_passes_its_schema(self) -> None:
        try:
            import cyclonedx.validation.json
        except ImportError:
            skip("cyclonedx-python-lib")
        text = sbom.write(LINUX, ["full"], self.work).read_text()
        for part in ("pkg:cargo/image@", "pkg:cargo/rustls@", "face_int8.tflite", "research and personal use"):
            self.assertIn(part, text)
        self.assertNotIn("proptest", text, "tests are not in the program")
        broken = text.replace('"type": "library"', '"type": "book"', 1)
        validator = cyclonedx.validation.json.JsonStrictValidator(cyclonedx.schema.SchemaVersion.V1_6)
        self.assertIsNone(validator.validate_str(text))
        self.assertIsNotNone(validator.validate_str(broken))
