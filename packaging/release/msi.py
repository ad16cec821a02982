"""An installer for Windows, made by wixl and msibuild of msitools from a .zip archive."""

import subprocess
import uuid
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

from . import archives, project

#: Programs that replace each other when one is installed have this in common. It never changes.
FAMILY = uuid.UUID("6f1d1a3e-6c0f-5d0b-9a55-2f1b7c3d8e42")
#: The component of the program.
PROGRAM = "program"
#: What wixl cannot describe: the folder is put behind the system's PATH, and taken from it with the program. In
#: the name `=` sets, `-` removes, `*` is the system's; in the value `[~]` is what was there. The numbers are when
#: Windows does it, as its manual of installers has them.
IN_PATH = [
    "CREATE TABLE `Environment` (`Environment` CHAR(72) NOT NULL, `Name` CHAR(255) NOT NULL LOCALIZABLE, "
    "`Value` CHAR(255) LOCALIZABLE, `Component_` CHAR(72) NOT NULL PRIMARY KEY `Environment`)",
    "INSERT INTO `Environment` (`Environment`, `Name`, `Value`, `Component_`) "
    f"VALUES ('PATH', '=-*PATH', '[~];[INSTALLDIR]', '{PROGRAM}')",
    "INSERT INTO `InstallExecuteSequence` (`Action`, `Sequence`) VALUES ('RemoveEnvironmentStrings', 3300)",
    "INSERT INTO `InstallExecuteSequence` (`Action`, `Sequence`) VALUES ('WriteEnvironmentStrings', 5200)",
]
SCHEMA = "http://schemas.microsoft.com/wix/2006/wi"


def pack(archive: Path, out: Path) -> Path:
    """Makes the installer with what is in the archive."""
    out.mkdir(parents=True, exist_ok=True)
    package = out / (archive.name.removesuffix(".zip") + ".msi")
    with TemporaryDirectory() as work:
        archives.unpack(archive, Path(work))
        source = Path(work) / "moue.wxs"
        source.write_bytes(ElementTree.tostring(describe(Path(work) / archive.stem), "utf-8", xml_declaration=True))
        command = ["wixl", "--arch", "x64", "--output", str(package.resolve()), source.name]
        # It knows files by names below its own folder alone.
        subprocess.run(command, cwd=work, check=True)
    queries = [part for query in IN_PATH for part in ("-q", query)]
    subprocess.run(["msibuild", str(package), *queries], check=True)
    return package


def guid(name: str) -> str:
    """The same for the same name in each version, as Windows wants it of a file's component."""
    return "{" + str(uuid.uuid5(FAMILY, name)).upper() + "}"


def add(parent: ElementTree.Element, tag: str, **attributes: str) -> ElementTree.Element:
    return ElementTree.SubElement(parent, tag, attributes)


def describe(folder: Path) -> ElementTree.Element:
    """The installer's description: where files go."""
    root = ElementTree.Element("Wix", xmlns=SCHEMA)
    name = {"Name": "moue", "Manufacturer": "The moue developers", "Version": project.version()}
    # The id is the version's own: an installer of the same version repairs, another one replaces.
    product = add(root, "Product", Id=guid(project.version()), UpgradeCode=guid("moue"), Language="1033", **name)
    add(
        product,
        "Package",
        InstallerVersion="500",
        Compressed="yes",
        InstallScope="perMachine",
        Description=project.SUMMARY,
        Comments="The weights are for research and personal use: WEIGHTS.md",
    )
    add(product, "MajorUpgrade", DowngradeErrorMessage="A newer moue is installed.")
    add(product, "Media", Id="1", Cabinet="moue.cab", EmbedCab="yes")
    top = add(product, "Directory", Id="TARGETDIR", Name="SourceDir")
    programs = add(top, "Directory", Id="ProgramFiles64Folder")
    place = add(programs, "Directory", Id="INSTALLDIR", Name="moue")
    feature = add(product, "Feature", Id="All", Level="1", Title="moue")
    for identity in add_files(folder, place):
        add(feature, "ComponentRef", Id=identity)
    return root


def add_files(folder: Path, place: ElementTree.Element) -> list[str]:
    """Adds each file as a component of its own, and returns their ids."""
    places, identities = {folder: place}, []
    for number, path in enumerate(archives.files(folder)):
        if path.parent not in places:
            parent = places[path.parent.parent]
            places[path.parent] = add(parent, "Directory", Id=f"dir_{path.parent.name}", Name=path.parent.name)
        name = path.relative_to(folder).as_posix()
        identity = PROGRAM if name == "moue.exe" else f"part{number}"
        part = add(places[path.parent], "Component", Id=identity, Guid=guid(name), Win64="yes")
        add(part, "File", Id=f"file{number}", Name=path.name, Source=f"{folder.name}/{name}", KeyPath="yes")
        identities.append(identity)
    return identities
