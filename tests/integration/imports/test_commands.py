"""``execdash import``, ``imports list`` and ``db``: what they print, and how they end."""

import json
import os
import pty
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import Engine, update

from api.app import utc_now
from api.cli import main
from api.storage.engine import for_writing
from api.storage.migrate import downgrade, newest_revision
from api.storage.tables import revenue_trend
from slo import rollup
from tests.integration.imports.conftest import csv_text, rows_of
from tests.integration.ingest.events import event, store_of

HEADER = ["order_id", "customer_id", "booked_on", "amount", "type"]
ORDERS = csv_text(HEADER, [["O1", "C1", "2024-01-05", "5", "one_off"]])


class Ended(NamedTuple):
    code: int
    out: str
    err: str


Execdash = Callable[..., Ended]


@pytest.fixture
def execdash(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Execdash:
    monkeypatch.setenv("EXECDASH_DATABASE_URL", database_url)

    def run(*arguments: object) -> Ended:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Ended(ended.value.code, captured.out, captured.err)

    return run


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "orders.csv"
    path.write_text(ORDERS)
    return path


def test_an_import_says_what_it_did(execdash: Execdash, file: Path, engine: Engine) -> None:
    ended = execdash("import", "orders", file)
    assert ended == (0, "orders.csv: 1 inserted, 0 updated, 0 unchanged (import 1).\n", "")
    assert len(rows_of(engine, "orders")) == 1


def test_a_file_may_have_any_name(execdash: Execdash, file: Path, engine: Engine) -> None:
    odd = file.rename(os.fsdecode(os.fsencode(file.parent) + b"/caf\xe9 [bold].csv"))
    assert "1 inserted" in execdash("import", "orders", odd).out
    assert rows_of(engine, "imports")[0]["filename"] == "caf? [bold].csv"
    assert "caf? [bold].csv" in execdash("imports", "list").out


def test_json_is_for_programs(execdash: Execdash, file: Path) -> None:
    ended = execdash("import", "orders", file, "--json")
    assert ended.code == 0
    assert json.loads(ended.out) == {
        "import_id": 1,
        "inserted": 1,
        "updated": 0,
        "unchanged": 0,
        "rejected": 0,
        "errors": [],
        "ignored_columns": [],
    }


def test_a_dry_run_says_so(execdash: Execdash, file: Path, engine: Engine) -> None:
    ended = execdash("import", "orders", file, "--dry-run")
    assert "1 inserted" in ended.out
    assert "nothing was written" in ended.out
    assert rows_of(engine, "orders") == []


def test_a_bad_row_is_one_line_and_exit_2(execdash: Execdash, file: Path) -> None:
    file.write_text(ORDERS.replace(",5,", ",five,"))
    ended = execdash("import", "orders", file)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        "execdash: orders.csv: 1 row is bad and nothing was imported;"
        " line 2, amount: 'five' is not an amount such as 1234.56\n"
    )


def test_many_bad_rows_are_listed_and_counted(execdash: Execdash, file: Path) -> None:
    rows = [[f"O{number}", "C1", "2024-01-05", "x", "one_off"] for number in range(30)]
    file.write_text(csv_text(HEADER, rows))
    ended = execdash("import", "orders", file)
    lines = ended.err.splitlines()
    assert ended.code == 2
    assert len(lines) == 21
    assert lines[0] == "line 2, amount: 'x' is not an amount such as 1234.56"
    assert lines[20] == ("execdash: orders.csv: 30 rows are bad and nothing was imported (10 more)")


def test_json_tells_programs_of_bad_rows_too(execdash: Execdash, file: Path) -> None:
    file.write_text(ORDERS.replace("one_off", "once"))
    ended = execdash("import", "orders", file, "--json")
    assert ended.code == 2
    answer = json.loads(ended.out)
    assert (answer["import_id"], answer["rejected"]) == (None, 1)
    assert answer["errors"] == [
        {
            "line": 2,
            "column": "type",
            "reason": "'once' is not one of one_off, subscription, recurring",
        }
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["order", "FILE"], "'order' is not a kind; kinds are orders, customers, "),
        (["orders", "missing.csv"], "cannot read missing.csv: No such file or directory"),
        (["orders", "/"], "cannot read /: Is a directory"),
        (["orders", "FILE", "--map", "amount"], "--map 'amount': write FIELD=COLUMN"),
        (["orders", "FILE", "--map", "price=x"], "orders has no field 'price'"),
        (["orders", "FILE", "--map", "amount=Sales"], "line 1, Sales: is missing"),
        (["orders", "FILE", "--mapping", "no.yaml"], "cannot read no.yaml: No such file"),
        (["orders", "FILE", "--mapping", "FILE"], "a section per kind"),
        (["orders"], "Missing argument"),
        (["orders", "FILE", "--fast"], "No such option"),
    ],
)
def test_a_users_mistake_is_one_line_and_exit_2(
    execdash: Execdash, file: Path, arguments: list[str], words: str
) -> None:
    given = [str(file) if argument == "FILE" else argument for argument in arguments]
    ended = execdash("import", *given)
    assert (ended.code, ended.out) == (2, "")
    assert words in ended.err
    assert ended.err.startswith("execdash: ")
    assert ended.err.count("\n") == 1


def test_columns_are_read_as_mapped(execdash: Execdash, file: Path, engine: Engine) -> None:
    file.write_text(csv_text(["Key", *HEADER[1:4]], [["O9", "C1", "2024-01-05", "5"]]))
    mapping = file.with_suffix(".yaml")
    mapping.write_text("orders:\n  columns: {order_id: Number}\n  constants: {type: one_off}\n")
    ended = execdash("import", "orders", file, "--mapping", mapping, "--map", "order_id=Key")
    assert ended.code == 0
    assert rows_of(engine, "orders")[0]["order_id"] == "O9"


def test_imports_are_listed_the_newest_first(execdash: Execdash, file: Path) -> None:
    assert execdash("imports", "list").out == "Nothing was imported yet.\n"
    execdash("import", "orders", file)
    execdash("import", "orders", file)
    first, second = json.loads(execdash("imports", "list", "--json").out)
    assert (first["id"], first["unchanged"]) == (2, 1)
    assert (second["id"], second["inserted"], second["actor"]) == (1, 1, "local")
    assert second["imported_at"].endswith("Z")
    table = execdash("imports", "list").out.splitlines()
    assert [line.split()[0] for line in table] == ["id", "2", "1"]
    assert "orders.csv" in table[1]
    assert len(execdash("imports", "list", "--limit", 1).out.splitlines()) == 2


def test_an_import_makes_the_schema_of_an_empty_database(
    execdash: Execdash, file: Path, engine: Engine
) -> None:
    downgrade(engine, "base")
    assert execdash("import", "orders", file).code == 0
    assert len(rows_of(engine, "orders")) == 1


def test_an_import_into_an_old_schema_says_what_to_do(
    execdash: Execdash, file: Path, engine: Engine
) -> None:
    downgrade(engine, "0001")
    ended = execdash("import", "orders", file)
    assert ended.code == 2
    assert "run 'execdash db upgrade'" in ended.err
    assert execdash("db", "check").code == 1
    assert newest_revision() in execdash("db", "upgrade").out
    assert execdash("import", "orders", file).code == 0


def test_upgrade_says_when_there_is_nothing_to_do(execdash: Execdash) -> None:
    ended = execdash("db", "upgrade")
    assert ended == (0, f"The database's schema is already {newest_revision()}.\n", "")


def test_check_passes_on_a_sound_database(execdash: Execdash, file: Path) -> None:
    execdash("import", "orders", file)
    ended = execdash("db", "check")
    assert (ended.code, ended.err) == (0, "")
    assert "sound" in ended.out


def test_check_fails_when_totals_are_not_what_orders_say(
    execdash: Execdash, file: Path, engine: Engine
) -> None:
    execdash("import", "orders", file)
    with for_writing(engine).begin() as connection:
        connection.execute(update(revenue_trend).values(booked=1))
    ended = execdash("db", "check")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == "execdash: revenue_trend is not what the orders say for 2024-01\n"


def test_check_fails_on_an_empty_schema(execdash: Execdash, engine: Engine) -> None:
    downgrade(engine, "base")
    ended = execdash("db", "check")
    assert ended.code == 1
    assert ended.err.startswith("execdash: the schema is empty, this program needs ")


@pytest.fixture
def sqlite_execdash(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[], Ended]:
    monkeypatch.setenv("EXECDASH_DATABASE_URL", sqlite_url)

    def check() -> Ended:
        with pytest.raises(SystemExit) as ended:
            main(["db", "check"])
        captured = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Ended(ended.value.code, captured.out, captured.err)

    return check


def test_check_finds_a_row_that_refers_to_nothing(
    sqlite_execdash: Callable[[], Ended], sqlite_url: str
) -> None:
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        connection.execute("INSERT INTO inventory VALUES ('2024-01', 5, 77)")
    connection.close()
    ended = sqlite_execdash()
    assert ended.code == 1
    assert "inventory row 1 refers to no row of imports" in ended.err


def test_check_finds_a_damaged_file(sqlite_execdash: Callable[[], Ended], sqlite_url: str) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    connection = sqlite3.connect(path)
    (root,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name='ix_alerts_status'")
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("DELETE FROM sqlite_schema WHERE name = 'ix_alerts_status'")
    connection.commit()
    connection.close()
    assert root
    ended = sqlite_execdash()
    assert ended.code == 1
    assert "the file is damaged: " in ended.err


def test_check_makes_no_database_where_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "none.db"
    monkeypatch.setenv("EXECDASH_DATABASE_URL", f"sqlite:///{missing}")
    with pytest.raises(SystemExit) as ended:
        main(["db", "check"])
    assert ended.value.code == 2
    assert f"there is no database at {missing}" in capsys.readouterr().err
    assert not missing.exists()


def test_a_terminal_sees_how_far_a_file_is_and_a_pipe_does_not(
    sqlite_url: str, file: Path, tmp_path: Path
) -> None:
    rows = ([f"O{number}", "C1", "2024-01-05", "5", "one_off"] for number in range(20_000))
    file.write_text(csv_text(HEADER, rows))
    terminal, of_program = pty.openpty()
    environment = os.environ | {"EXECDASH_DATABASE_URL": sqlite_url, "TERM": "xterm"}
    with subprocess.Popen(
        [sys.executable, "-c", "from api.cli import main; main()", "import", "orders", str(file)],
        stdout=subprocess.PIPE,
        stderr=of_program,
        env=environment,
        cwd=tmp_path,
    ) as program:
        os.close(of_program)
        shown = b""
        with suppress(OSError):  # the terminal is gone when the program ends
            while part := os.read(terminal, 4_096):
                shown += part
        printed, _ = program.communicate()
    os.close(terminal)
    assert program.returncode == 0
    assert b"Reading orders.csv" in shown
    assert printed == b"orders.csv: 20,000 inserted, 0 updated, 0 unchanged (import 1).\n"


def test_an_import_is_taken_back(execdash: Execdash, file: Path, engine: Engine) -> None:
    execdash("import", "orders", file)
    ended = execdash("imports", "undo", 1)
    assert ended == (
        0,
        "Import 1 (orders, orders.csv) is undone."
        " Rows taken out: 1; brought back to what they were: 0.\n",
        "",
    )
    assert rows_of(engine, "orders") == []
    assert " by local" in execdash("imports", "list").out
    (entry,) = json.loads(execdash("imports", "list", "--json").out)
    assert entry["undone_by"] == "local"
    assert entry["undone_at"].endswith("Z")


def test_what_cannot_be_taken_back_is_one_line(execdash: Execdash, file: Path) -> None:
    execdash("import", "orders", file)
    file.write_text(ORDERS.replace(",5,", ",6,"))
    execdash("import", "orders", file)
    ended = execdash("imports", "undo", 1)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        "execdash: import 1: later imports changed the same rows;"
        " undo those first, the last one first: 2\n"
    )
    ended = execdash("imports", "undo", 2, "--json")
    assert json.loads(ended.out) == {
        "import_id": 2,
        "kind": "orders",
        "filename": "orders.csv",
        "taken_out": 0,
        "put_back": 1,
    }
    assert execdash("imports", "undo", 99).code == 2


def test_a_backup_is_taken_and_brought_back(
    execdash: Execdash, file: Path, tmp_path: Path, engine: Engine
) -> None:
    backup = tmp_path / "b.zip"
    execdash("import", "orders", file)
    ended = execdash("db", "backup", backup)
    assert ended.code == 0
    assert f"tables are in {backup} (schema {newest_revision()}, taken " in ended.out
    assert execdash("db", "backup", backup).code == 2
    assert execdash("db", "backup", tmp_path / "no" / "b.zip").code == 2
    execdash("imports", "undo", 1)
    refused = execdash("db", "restore", backup)
    assert (refused.code, refused.out) == (2, "")
    assert "the database has data (" in refused.err
    assert "--replace" in refused.err
    assert json.loads(execdash("db", "restore", backup, "--replace", "--json").out)["rows"] > 2
    assert len(rows_of(engine, "orders")) == 1
    assert "sound" in execdash("db", "check").out


def test_what_is_no_backup_is_one_line(execdash: Execdash, file: Path, tmp_path: Path) -> None:
    for path in (file, tmp_path / "nothing.zip"):
        ended = execdash("db", "restore", path)
        assert (ended.code, ended.out) == (2, "")
        assert ended.err.count("\n") == 1


def test_a_rollup_that_differs_from_the_events_is_found(execdash: Execdash, engine: Engine) -> None:
    store = store_of(engine)
    list(store.learn(utc_now(), utc_now().date() - timedelta(days=35)))
    store.append([event(event_time=utc_now())])
    assert execdash("db", "check").code == 0
    with for_writing(engine).begin() as connection:
        connection.execute(update(rollup.hourly_counts).values(total=2))
    ended = execdash("db", "check")
    assert ended.code == 1
    assert "rollup of objective" in ended.err
