"""Files that are generated and kept: written whole, and compared so that they never drift."""

from collections.abc import Iterable, Mapping
from pathlib import Path


class Outdated(Exception):
    """A kept file is not what its generator writes."""


def write(folder: Path, files: Mapping[str, str]) -> list[Path]:
    """Write files below ``folder``, by relative name. Raises OSError."""
    written = []
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.new")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)  # a reader never sees half a file
        written.append(path)
    return written


def compare(folder: Path, files: Mapping[str, str]) -> None:
    """Hold kept files against what was generated. Raises Outdated naming each that differs."""
    if differing := list(_differing(folder, files)):
        raise Outdated(f"out of date, generate again: {', '.join(differing)}")


def _differing(folder: Path, files: Mapping[str, str]) -> Iterable[str]:
    for name, text in files.items():
        path = folder / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            yield str(path)
