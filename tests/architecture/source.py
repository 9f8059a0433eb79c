"""The project's own source, as syntax trees, for the tests of its rules."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("api", "loadtests", "slo", "telemetry")
CAPABILITIES = tuple(sorted(path.parent.name for path in (ROOT / "api").glob("*/__init__.py")))


@dataclass(frozen=True)
class Import:
    """One imported thing: ``module`` is absolute, ``name`` is None for ``import module``."""

    module: str
    name: str | None


@dataclass(frozen=True)
class Module:
    """One file of the project."""

    name: str
    path: Path
    tree: ast.Module

    def imports(self) -> Iterator[Import]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (Import(alias.name, None) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{self.name}: imports are absolute"
                yield from (Import(node.module or "", alias.name) for alias in node.names)

    def attributes(self) -> Iterator[str]:
        """Every ``a.b`` in the source, as text."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Attribute):
                yield ast.unparse(node)


def modules(*folders: str) -> list[Module]:
    """All modules under folders of the project."""
    files = sorted(file for folder in folders for file in (ROOT / folder).rglob("*.py"))
    found = [_module(file) for file in files if "node_modules" not in file.parts]
    assert found
    return found


@cache
def module_names() -> frozenset[str]:
    """Every module of the program."""
    return frozenset(module.name for module in modules(*PACKAGES))


@cache
def _module(file: Path) -> Module:
    relative = file.relative_to(ROOT).with_suffix("")
    tree = ast.parse(file.read_text(encoding="utf-8"), str(file))
    return Module(".".join(relative.parts), file, tree)
