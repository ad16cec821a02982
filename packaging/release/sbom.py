"""The bill of materials: every crate and every network compiled into the program, in CycloneDX 1.6.

It needs `cyclonedx-python-lib[json-validation]` of PyPI, which also holds the schema that it is checked with.
"""

import re
import tomllib
import uuid
from datetime import UTC, datetime
from pathlib import Path

from . import checksums, licenses, project
from .msi import FAMILY

MODELS = project.ROOT / "crates/moue/models"
#: The file that says which networks are compiled in.
COMPILED = project.ROOT / "crates/moue/src/weights/compiled.rs"
TERMS = "for research and personal use; see WEIGHTS.md of the package"


def write(target: str, features: list[str], out: Path) -> Path:
    """Writes the bill of a program and checks it; raises `ValueError` if the schema does not allow it."""
    from cyclonedx.output.json import JsonV1Dot6
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    text = JsonV1Dot6(bill(target, features)).output_as_string(indent=1)
    if error := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise ValueError(f"the schema does not allow this bill: {error}")
    out.mkdir(parents=True, exist_ok=True)
    path = out / (project.folder_name(target) + ".cdx.json")
    path.write_text(text + "\n", newline="\n")
    return path


def bill(target: str, features: list[str]):
    """The program, what is in it, and what of it needs what."""
    from cyclonedx.model.bom import Bom, BomMetaData

    data = licenses.metadata(target, features)
    inside = licenses.compiled_in(data)
    sums = locked()
    parts = {package["id"]: crate(package, sums) for package in data["packages"] if package["id"] in inside}
    program = parts[data["resolve"]["root"]]
    networks = [network(name, digest) for name, digest in compiled_networks().items()]
    moment = datetime.fromtimestamp(project.epoch(), UTC)
    result = Bom(
        components=[*(part for part in parts.values() if part is not program), *networks],
        metadata=BomMetaData(component=program, timestamp=moment),
        serial_number=uuid.uuid5(FAMILY, project.folder_name(target) + ",".join(features)),
    )
    for name, needed in inside.items():
        result.register_dependency(parts[name], [parts[other] for other in needed])
    weights_of = next(part for part in parts.values() if part.name == "moue")
    result.register_dependency(weights_of, networks)
    return result


def locked() -> dict[tuple[str, str], str]:
    """The SHA-256 of each crate's package, as Cargo.lock has it."""
    packages = tomllib.loads((project.ROOT / "Cargo.lock").read_text())["package"]
    return {(each["name"], each["version"]): each["checksum"] for each in packages if "checksum" in each}


def compiled_networks() -> dict[str, str]:
    """The networks in the program and their SHA-256."""
    names = re.findall(r'weights_file!\("(\w+\.tflite)"\)', COMPILED.read_text())
    known = checksums.read(MODELS / "SHA256SUMS")
    return {name: known[name] for name in names}


def crate(package: licenses.Package, sums: dict[tuple[str, str], str]):
    """A crate; the program itself is an application."""
    from cyclonedx.contrib.license.factories import LicenseFactory
    from cyclonedx.model import HashAlgorithm, HashType
    from cyclonedx.model.component import Component, ComponentType
    from packageurl import PackageURL

    name, version = package["name"], package["version"]
    digest = sums.get((name, version))
    # Old packages write a slash for a choice.
    terms = (package["license"] or "").replace("/", " OR ")
    return Component(
        name=name,
        version=version,
        bom_ref=f"{name}@{version}",
        type=ComponentType.APPLICATION if name == "moue-cli" else ComponentType.LIBRARY,
        purl=PackageURL("cargo", name=name, version=version),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)] if digest else [],
        licenses=[LicenseFactory().make_from_string(terms)] if terms else [],
    )


def network(name: str, digest: str):
    """The weights of one network, with their terms."""
    from cyclonedx.model import HashAlgorithm, HashType
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.model.license import DisjunctiveLicense

    return Component(
        name=name,
        version=project.version(),
        bom_ref=f"network:{name}",
        type=ComponentType.MACHINE_LEARNING_MODEL,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)],
        licenses=[DisjunctiveLicense(name=TERMS)],
    )
