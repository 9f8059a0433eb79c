"""Measures everything in one run. ``python -m tests.performance --help``"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.performance import ingest, queries, report
from tests.performance.databases import ENGINES, databases


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table, keep the JSON."""
    options = _options().parse_args(arguments)
    result: Path = options.result
    result.parent.mkdir(parents=True, exist_ok=True)
    # Beside the result, on a real disk: /tmp may be memory, where durable writes cost nothing.
    with tempfile.TemporaryDirectory(prefix="bench-", dir=result.parent) as folder:
        found = {
            engine: _measure(engine, Path(folder).absolute(), options) for engine in options.engines
        }
    print(report.table(report.lines(found)))
    document = report.document(found, options.rounds, options.effort)
    result.write_text(json.dumps(document, indent=1) + "\n")


def _measure(engine: str, folder: Path, options: argparse.Namespace) -> report.Measured:
    own = folder / engine
    own.mkdir()
    with databases(engine, own) as made:
        _say(f"{engine}: ingest")
        taken_in = ingest.measure(made, own, options.rounds, options.effort)
        _say(f"{engine}: P95 of {', '.join(f'{size:,}' for size in options.rows)} metric rows")
        return report.Measured(taken_in, queries.measure(made, options.rows, options.rounds))


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench", description="What ingest and percentiles cost.")
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES))
    parser.add_argument("--rounds", type=int, default=5, help="of which medians are shown")
    parser.add_argument("--effort", type=float, default=1.0, help="0.1: a tenth of the requests")
    parser.add_argument(
        "--rows",
        nargs="+",
        type=lambda text: int(float(text)),
        default=[10**5, 10**6, 10**7],
        help="metric rows that a P95 is read from, such as 1e5 1e6",
    )
    parser.add_argument("--result", type=Path, default=Path("test-results/bench-ingest.json"))
    return parser


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    main()
