"""What is refused before a run, in one line."""

from argparse import Namespace
from pathlib import Path

import pytest

from loadtests.options import check, defaults, weights


def options(**given: object) -> Namespace:
    return Namespace(**{**vars(defaults()), **given})


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"mix": "people=1"}, "write executive=90,kiosk=8,engineer=2"),
        ({"mix": "executive=0"}, "write executive=90,kiosk=8,engineer=2"),
        ({"mix": ""}, "write executive=90,kiosk=8,engineer=2"),
        ({"rum_batch": 0}, "--rum-batch must be from 1 to 500"),
        ({"rum_batch": 501}, "--rum-batch must be from 1 to 500"),
        ({"rum_per_second": float("nan")}, "--rum-per-second must be from 0 to 100,000"),
        ({"browsers": 101}, "--browsers must be from 0 to 100"),
        ({"token_file": "none.txt"}, "none.txt cannot be read: No such file"),
        ({"token": "two words"}, "the token must be printable ASCII without spaces"),
    ],
)
def test_wrong_use_is_one_clear_line(
    given: dict[str, object], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        check(options(**given))
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert says in said
    assert said.count("\n") == 1


def test_the_token_is_read_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("secret-token\n")
    given = options(token_file=str(file))
    check(given)
    assert given.token == "secret-token"


def test_a_token_file_of_bytes_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "token"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(SystemExit):
        check(options(token_file=str(file)))
    assert "holds no token" in capsys.readouterr().err


def test_the_mix_is_shares_by_kind() -> None:
    assert weights(options(mix="executive=3,engineer=1")) == {"executive": 3, "engineer": 1}
