"""Which revision a comparison is with, in a repository made for it."""

import subprocess
from pathlib import Path

import pytest

from loadtests.revisions import RevisionError, built, previous_tag

MAKEFILE = """\
.venv/.stamp-run frontend/dist/index.html:
\tmkdir -p $(dir $@) && cp version $@
"""


def git(repository: Path, *arguments: str) -> None:
    who = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
    subprocess.run(["git", *who, *arguments], cwd=repository, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two versions; the first is tagged."""
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    for version in ("one", "two"):
        (folder / "version").write_text(version)
        (folder / "Makefile").write_text(MAKEFILE)
        git(folder, "add", "-A")
        git(folder, "commit", "--quiet", "-m", version)
        if version == "one":
            git(folder, "tag", "v1")
    return folder


def test_it_is_the_newest_tag_before_this_commit(repository: Path) -> None:
    git(repository, "tag", "v2")  # this commit's own
    assert previous_tag(repository) == "v1"


def test_without_a_tag_one_must_be_named(repository: Path) -> None:
    git(repository, "tag", "--delete", "v1")
    with pytest.raises(RevisionError, match="name a revision with --before"):
        previous_tag(repository)


def test_an_earlier_revision_is_built_beside_and_removed(repository: Path) -> None:
    with built(repository, "v1") as checkout:
        assert (checkout / "frontend/dist/index.html").read_text() == "one"
        assert (repository / "version").read_text() == "two"
    assert not checkout.exists()
    listed = subprocess.run(
        ["git", "worktree", "list"], cwd=repository, check=True, capture_output=True, text=True
    )
    assert len(listed.stdout.splitlines()) == 1


def test_a_revision_that_is_none_is_named(repository: Path) -> None:
    with pytest.raises(RevisionError, match="nonsense"), built(repository, "nonsense"):
        pass
