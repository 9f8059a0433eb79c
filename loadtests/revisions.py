"""An earlier revision of this program, built in a folder of its own."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BUILT = (".venv/.stamp-run", "frontend/dist/index.html")


class RevisionError(Exception):
    """There is no such revision, or it cannot be built."""


def previous_tag(checkout: Path) -> str:
    """The newest tag before this commit. Raises RevisionError."""
    try:
        return _git(checkout, "describe", "--tags", "--abbrev=0", "HEAD^")
    except RevisionError as error:
        raise RevisionError("there is no earlier tag; name a revision with --before") from error


@contextmanager
def built(checkout: Path, revision: str) -> Iterator[Path]:
    """A worktree of ``revision``, ready to serve; gone after the block. Raises RevisionError."""
    commit = _git(checkout, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    with tempfile.TemporaryDirectory(prefix="execdash-before-") as name:
        folder = Path(name) / "checkout"
        _git(checkout, "worktree", "add", "--detach", str(folder), commit)
        try:
            sys.stderr.write(f"building {revision} ({commit[:12]})\n")
            _run(["make", "--silent", *BUILT], folder)
            yield folder
        finally:
            _git(checkout, "worktree", "remove", "--force", str(folder))


def _git(checkout: Path, *arguments: str) -> str:
    return _run(["git", *arguments], checkout, f"git {arguments[0]} {arguments[-1]}")


def _run(command: list[str], folder: Path, what: str = "") -> str:
    done = subprocess.run(  # noqa: S603 - git and make, on our own source
        command, cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = (done.stderr.strip() or "no such revision")[-1000:]
        raise RevisionError(f"{what or ' '.join(command)}: {said}")
    return done.stdout.strip()
