"""Checks that imports go one way; reads the source, so that nothing needs to be installed."""

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
# Each may import itself and those before it.
LAYERS = ("data", "models", "train", "export", "eval", "checks", "commands")


def imported_modules(path: Path) -> Iterator[tuple[str, ...]]:
    """Yields the modules of this package that a file imports, as parts below the package."""
    own = path.relative_to(PACKAGE).with_suffix("").parts
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            module = (*own[: len(own) - node.level], *(node.module or "").split("."))
            yield module
            # What is imported may be a module itself.
            yield from ((*module, name.name) for name in node.names)


def check_layers() -> str:
    """Raises an `AssertionError` that names the imports against the order of the layers."""
    wrong = []
    for layer in LAYERS:
        for path in sorted((PACKAGE / layer).glob("*.py")):
            for module in imported_modules(path):
                if LAYERS.index(module[0]) > LAYERS.index(layer):
                    wrong.append(f"{path.relative_to(PACKAGE)} imports {'.'.join(module)}")
    assert not wrong, "; ".join(wrong)
    return "imports go one way: " + " ← ".join(LAYERS)


def check_no_circles() -> str:
    """Raises an `AssertionError` that names a circle of modules."""
    paths = [path for layer in LAYERS for path in sorted((PACKAGE / layer).glob("*.py"))]
    graph = {
        path.relative_to(PACKAGE).with_suffix("").parts: set(imported_modules(path))
        for path in paths
    }
    done: set[tuple[str, ...]] = set()

    def visit(module: tuple[str, ...], trail: tuple[tuple[str, ...], ...]) -> None:
        assert module not in trail, " → ".join(".".join(part) for part in (*trail, module))
        if module in done:
            return
        for imported in graph.get(module, ()):
            visit(imported, (*trail, module))
        done.add(module)

    for module in graph:
        visit(module, ())
    return f"no circle among {len(graph)} modules"
