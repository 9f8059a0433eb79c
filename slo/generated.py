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
        write_whole(path, text)
        written.append(path)
    return written


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all. Raises OSError."""
    if path.is_symlink() or (path.exists() and not path.is_file()):
        path.write_text(text, encoding="utf-8")  # a pipe or a device is not to be replaced
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)  # a reader never sees half a file


def compare(folder: Path, files: Mapping[str, str]) -> None:
    """Hold kept files against what was generated. Raises Outdated naming each that differs."""
    if differing := list(_differing(folder, files)):
        raise Outdated(f"out of date, generate again: {', '.join(differing)}")


def _differing(folder: Path, files: Mapping[str, str]) -> Iterable[str]:
    for name, text in files.items():
        path = folder / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            yield str(path)
