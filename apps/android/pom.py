"""Writes target/libs.xml and target/kotlinc.xml, from which Maven fetches the app's libraries and compiler."""

import pathlib

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>dev.moue</groupId><artifactId>{}</artifactId><version>0.1.0</version><packaging>pom</packaging>
<dependencies>
"""
ITEM = (
    "<dependency><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version><type>{}</type>"
    "<scope>{}</scope>{}</dependency>\n"
)
ALONE = "<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>"
TAIL = "</dependencies></project>\n"

# With what they pull in: the test runner.
TESTS = ["org.robolectric:robolectric:4.14.1:jar:test", "junit:junit:4.13.2:jar:test"]
COMPILER = [
    "org.jetbrains.kotlin:kotlin-compiler-embeddable:2.1.0:jar:compile",
    "org.jetbrains.kotlin:kotlin-compose-compiler-plugin-embeddable:2.1.0:jar:compile",
]


def write(name: str, items: list[str]) -> None:
    path = pathlib.Path("target") / f"{name}.xml"
    path.write_text(HEAD.format(name) + "".join(items) + TAIL)


def main() -> None:
    pathlib.Path("target").mkdir(exist_ok=True)
    lines = [line.strip() for line in open("libs.txt") if line.strip() and line[0] != "#"]
    flat = [ITEM.format(*line.split(":"), ALONE) for line in lines]
    write("libs", flat + [ITEM.format(*line.split(":"), "") for line in TESTS])
    write("kotlinc", [ITEM.format(*line.split(":"), "") for line in COMPILER])


if __name__ == "__main__":
    main()
