"""Commands as people type them."""

from pathlib import Path

import pytest

from api.cli import main
from tests.integration.slo.commands import Done, Execdash


@pytest.fixture
def execdash(capsys: pytest.CaptureFixture[str]) -> Execdash:
    """Run the program in this process: starting a new one each time takes seconds."""

    def run(*arguments: str | Path) -> Done:
        with pytest.raises(SystemExit) as ended:
            main(list(map(str, arguments)))
        written = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Done(ended.value.code, written.out, written.err)

    return run
