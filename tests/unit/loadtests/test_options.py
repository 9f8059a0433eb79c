"""What is refused before a run, in one line."""

import os
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest

from loadtests.arguments import chromium
from loadtests.options import OPTIONS, check, defaults, weights


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
        ({"shape": "spike", "headless": True}, "--shape spike moves with the run: say --run-time"),
        ({"shape": "ramp", "headless": True, "run_time": 0}, "--shape ramp moves with the run"),
        ({"warm_up": 60.0, "run_time": 60}, "--warm-up 60 leaves nothing of --run-time 60"),
        ({"until_judged": True}, "--until-judged waits for render and switch: say --browsers 1"),
        ({"until_judged": True, "judge": "ttfb, switch"}, "--until-judged waits for render"),
        ({"browsers": 1, "chromium": "/no/chromium"}, "there is no Chromium for --browsers"),
        ({"result": "/dev/null/run.json"}, "--result /dev/null/run.json: "),
        ({"report": "/tmp"}, "--report /tmp cannot be written"),
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


@pytest.mark.parametrize(
    "given",
    [
        {"shape": "spike", "headless": True, "run_time": 60},
        {"shape": "ramp"},  # Locust's page asks for the run time
        {"until_judged": True, "judge": "ttfb,api-latency"},
        {"browsers": 1, "chromium": "/no/chromium", "master": True},  # its workers have it
        {"result": "/dev/stdout"},
    ],
)
def test_what_makes_sense_is_accepted(given: dict[str, object]) -> None:
    check(options(**given))


def test_a_folder_for_what_is_written_is_made_at_once(tmp_path: Path) -> None:
    check(options(result=str(tmp_path / "new" / "run.json")))
    assert (tmp_path / "new").is_dir()


def test_the_browser_is_the_one_named_else_the_installed_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert chromium("") is None
    for name in ("named", "chromium"):
        (tmp_path / name).write_text("")
        (tmp_path / name).chmod(0o755)
    assert chromium(str(tmp_path / "named")) == str(tmp_path / "named")
    assert chromium("") == str(tmp_path / "chromium")
    assert chromium(str(tmp_path / "none")) is None


def test_the_environment_names_browser_and_token_and_locusts_page_shows_neither() -> None:
    script = """
from locust.argument_parser import get_empty_argument_parser
from loadtests.options import add_options
parser = get_empty_argument_parser()
add_options(parser)
print(parser.parse_args([]).token, parser.parse_args([]).chromium)
print(*parser.args_included_in_web_ui)
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "EXECDASH_TOKEN": "secret-token", "CHROMIUM_PATH": "/a/browser"},
        capture_output=True,
        text=True,
        check=True,
    )
    given, shown = done.stdout.splitlines()
    assert given == "secret-token /a/browser"
    assert {*shown.split()} & {option.key for option in OPTIONS} == set()
