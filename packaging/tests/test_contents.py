"""A package that misses a file, or has a wrong one, is refused; one that is complete is not."""

import tarfile

from release import archives, check, licenses, project

from .helpers import APPLE, LINUX, WINDOWS, Folder


class Contents(Folder):
    def problems_without(self, target: str, name: str) -> list[str]:
        folder = self.staged(target)
        (folder / name).unlink()
        package = self.work / project.archive_name(target)
        archives.pack(folder, package)
        return list(check.problems(package))

    def test_a_complete_archive_passes(self) -> None:
        for target in (LINUX, WINDOWS, APPLE):
            self.assertEqual(list(check.problems(self.packed(target))), [], target)

    def test_each_missing_file_is_named(self) -> None:
        for target, program in ((LINUX, "moue"), (WINDOWS, "moue.exe"), (APPLE, "moue")):
            for name in [*check.CONTENTS["archive"], program]:
                found = self.problems_without(target, name)
                self.assertEqual(found, [f"{project.archive_name(target)} lacks {name}"])

    def test_weights_without_their_terms_are_refused(self) -> None:
        folder = self.staged(LINUX)
        (folder / "WEIGHTS.md").write_text("The weights are free for all.")
        package = self.work / project.archive_name(LINUX)
        archives.pack(folder, package)
        self.assertIn("does not say 'research and personal use'", "\n".join(check.problems(package)))

    def test_what_is_no_program_is_refused(self) -> None:
        folder = self.staged(LINUX)
        (folder / "moue").write_text("#!/bin/sh\n")
        package = self.work / project.archive_name(LINUX)
        archives.pack(folder, package)
        self.assertIn("is not a program", "\n".join(check.problems(package)))

    def test_a_program_that_nobody_may_execute_is_refused(self) -> None:
        folder = self.staged(LINUX)
        package = self.work / project.archive_name(LINUX)
        with tarfile.open(package, "w:gz") as tar:
            for path in archives.files(folder):
                entry = tar.gettarinfo(path, path.relative_to(self.work))
                entry.mode = 0o644
                with path.open("rb") as content:
                    tar.addfile(entry, content)
        self.assertIn("cannot be executed (644)", "\n".join(check.problems(package)))

    def test_files_beside_the_folder_are_refused(self) -> None:
        package = self.packed(LINUX)
        renamed = package.with_name(package.name.replace(project.version(), "9.9.9"))
        package.rename(renamed)
        self.assertIn("outside of the folder", "\n".join(check.problems(renamed)))


class Same(Folder):
    def test_equal_files_make_equal_archives(self) -> None:
        for target in (LINUX, WINDOWS):
            first = self.packed(target).read_bytes()
            folder = self.staged(target)
            for path in archives.files(folder):
                path.touch()
                path.chmod(0o600)
            again = self.work / f"again-{project.archive_name(target)}"
            archives.pack(folder, again)
            self.assertEqual(first, again.read_bytes(), target)


class Terms(Folder):
    def test_the_weights_terms_are_those_of_the_model_card(self) -> None:
        text = licenses.weights()
        for words in ("research and personal use", "FER2013", "UTKFace", "non-commercial research"):
            self.assertIn(words, text)
        self.assertNotIn("## Figures", text)

    def test_a_card_without_terms_ends_the_build(self) -> None:
        card = self.work / "MODEL_CARD.md"
        card.write_text("# Model card\n\n## Data and terms\n\nNone.\n\n## Figures\n")
        known, licenses.MODEL_CARD = licenses.MODEL_CARD, card
        self.addCleanup(setattr, licenses, "MODEL_CARD", known)
        self.assertRaises(ValueError, licenses.weights)
