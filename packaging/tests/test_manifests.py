"""Manifests name the packages that are built, with their sums."""

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from xml.etree import ElementTree

from release import checksums, manifests, msi, project

from .helpers import APPLE, LINUX, WINDOWS, Folder, skip

REPOSITORY = "https://github.com/some-one/moue"
#: What winget's schema 1.10.0 demands of each file.
WINGET = {
    "version": {"PackageIdentifier", "PackageVersion", "DefaultLocale", "ManifestType", "ManifestVersion"},
    "installer": {"PackageIdentifier", "PackageVersion", "Installers", "ManifestType", "ManifestVersion"},
    "defaultLocale": {
        "PackageIdentifier",
        "PackageVersion",
        "PackageLocale",
        "Publisher",
        "PackageName",
        "License",
        "ShortDescription",
        "ManifestType",
        "ManifestVersion",
    },
}


class Manifests(Folder):
    def setUp(self) -> None:
        super().setUp()
        dist = self.work / "dist"
        dist.mkdir()
        for name in manifests.PACKAGES.values():
            (dist / name).write_text(name)
        self.sums = checksums.write(dist)
        self.written = manifests.write(self.sums, REPOSITORY, self.work / "out")

    def text(self, end: str) -> str:
        return next(path for path in self.written if path.name.endswith(end)).read_text()

    def test_nothing_is_left_to_fill_in(self) -> None:
        for path in self.written:
            self.assertNotRegex(path.read_text(), r"\$\{\w+\}", path.name)

    def test_each_package_is_named_with_its_sum(self) -> None:
        known = checksums.read(self.sums)
        where = {
            "apple": [".rb"],
            "linux_x86": [".rb", "moue.yml"],
            "linux_arm": [".rb", "moue.yml"],
            "windows": ["moue.json", "installer.yaml"],
            "windows_msi": ["installer.yaml"],
        }
        for package, ends in where.items():
            name = manifests.PACKAGES[package]
            for end in ends:
                # The sum is what follows the address.
                pattern = re.escape(f"/releases/download/v{project.version()}/{name}") + r"\W+\w+\W+" + known[name]
                self.assertRegex(self.text(end), pattern, f"{name} in {end}")

    def test_a_package_that_was_not_built_ends_it(self) -> None:
        lines = self.sums.read_text().splitlines()
        self.sums.write_text("\n".join(line for line in lines if not line.endswith(".msi")))
        self.assertRaises(KeyError, manifests.write, self.sums, REPOSITORY, self.work / "again")

    def test_each_states_the_terms_of_the_weights(self) -> None:
        for end in (".rb", "moue.json", ".locale.en-US.yaml", ".xml"):
            self.assertIn("research and personal use", self.text(end), end)
        self.assertIn("WEIGHTS.md", self.text("moue.yml"))

    def test_scoop_takes_the_folder_that_the_archive_has(self) -> None:
        scoop = json.loads(self.text("moue.json"))
        self.assertEqual(scoop["architecture"]["64bit"]["extract_dir"], project.folder_name(WINDOWS))
        newer = scoop["autoupdate"]["architecture"]["64bit"]
        self.assertEqual(newer["url"].replace("$version", project.version()), scoop["architecture"]["64bit"]["url"])
        self.assertEqual(newer["extract_dir"].replace("$version", project.version()), project.folder_name(WINDOWS))

    def test_winget_files_have_what_its_schema_demands(self) -> None:
        try:
            import yaml
        except ImportError:
            skip("PyYAML")
        files = [yaml.safe_load(path.read_text()) for path in self.written if path.parent.name == "winget"]
        self.assertEqual({file["ManifestType"] for file in files}, set(WINGET))
        for file in files:
            self.assertLessEqual(WINGET[file["ManifestType"]], set(file))
            self.assertEqual(file["PackageIdentifier"], "some-one.moue")
        installers = next(file for file in files if file["ManifestType"] == "installer")["Installers"]
        for installer in installers:
            self.assertRegex(installer["InstallerSha256"], r"^[0-9a-f]{64}$")
        inside = installers[1]["NestedInstallerFiles"][0]["RelativeFilePath"]
        self.assertEqual(inside, project.folder_name(WINDOWS) + "\\moue.exe")

    def test_the_formula_is_ruby(self) -> None:
        if not shutil.which("ruby"):
            skip("ruby")
        formula = next(path for path in self.written if path.suffix == ".rb")
        subprocess.run(["ruby", "-c", formula], check=True, stdout=subprocess.DEVNULL)

    def test_flatpak_describes_what_it_installs(self) -> None:
        about = ElementTree.fromstring(self.text(".xml"))
        identity = about.findtext("id")
        self.assertEqual(identity, "io.github.some_one.moue")
        self.assertIn(f"\nid: {identity}\n", self.text("moue.yml"))
        self.assertIn(f"path: {identity}.metainfo.xml", self.text("moue.yml"))


class Binstall(Folder):
    def test_it_asks_for_the_packages_that_are_built(self) -> None:
        manifest = tomllib.loads((project.ROOT / "crates/moue-cli/Cargo.toml").read_text())["package"]
        common = manifest["metadata"]["binstall"]
        for target, package in (
            (LINUX, LINUX),
            ("aarch64-apple-darwin", APPLE),
            ("x86_64-apple-darwin", APPLE),
            (WINDOWS, WINDOWS),
        ):
            own = {**common, **common["overrides"].get(target, {})}
            windows = target == WINDOWS
            ending = {"tgz": ".tar.gz", "zip": ".zip"}[own["pkg-fmt"]]
            values = {
                "repo": REPOSITORY,
                "version": project.version(),
                "target": target,
                "bin": "moue",
                "archive-suffix": ending,
                "binary-ext": ".exe" if windows else "",
            }
            fill = lambda text: re.sub(r"\{ ([\w-]+) \}", lambda found: values[found[1]], text)
            self.assertEqual(Path(fill(own["pkg-url"])).name, project.archive_name(package))
            self.assertEqual(fill(own["bin-dir"]), f"{project.folder_name(package)}/{project.program_name(package)}")


class Installer(Folder):
    def test_every_file_of_the_archive_is_a_component(self) -> None:
        folder = self.staged(WINDOWS)
        root = msi.describe(folder)
        named = {element.get("Name") for element in root.iter("File")}
        self.assertEqual(named, {path.name for path in folder.rglob("*") if path.is_file()})
        parts = [element.get("Guid") for element in root.iter("Component")]
        self.assertEqual(len(parts), len(set(parts)))
        program = next(part for part in root.iter("Component") if part.get("Id") == msi.PROGRAM)
        self.assertEqual([file.get("Name") for file in program], ["moue.exe"])
        self.assertEqual(
            {each.get("Id") for each in root.iter("Component")}, {each.get("Id") for each in root.iter("ComponentRef")}
        )
