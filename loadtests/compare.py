"""Whether this checkout is slower than an earlier revision: both under the same load, in turns.

``python -m loadtests.compare --before v1.2.0``, see ``docs/loadtests.md``. Without ``--before`` it
is the newest tag before this commit. The exit code is 0 no worse, 1 significantly worse, 2 wrong
use, 3 nothing can be said.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from loadtests import results
from loadtests.arguments import count
from loadtests.driven import Driven, RunFailed, drive
from loadtests.pairs import Pairs, compared
from loadtests.revisions import RevisionError, built, previous_tag
from loadtests.service import HERE, ServiceFailed, end_on_sigterm, fresh_service
from slo import evaluation
from slo.objectives import load_objectives

WARM_UP_SECONDS = 10
SIDES = ("before", "after")


def in_turns(before: Path, after: Path, options: argparse.Namespace) -> Pairs:
    """Load both, again and again: A B A B. Raises ServiceFailed or RunFailed."""
    runs: dict[str, list[Driven]] = {side: [] for side in SIDES}
    for number in range(options.rounds):
        for side, checkout in zip(SIDES, (before, after), strict=True):
            result = options.folder / f"compare-{number + 1}-{side}.json"
            with fresh_service(checkout) as service:
                runs[side].append(drive(service, result, _load(options)))
    return Pairs(runs["before"], runs["after"])


def _load(options: argparse.Namespace) -> dict[str, str | float]:
    return {
        "users": options.users,
        "spawn-rate": options.users,
        "think-scale": 0.2,
        "open-seconds": 5,
        "screens-per-second": 20,
        "rum-per-second": 50,
        "browsers": options.browsers,
        "browser-think-seconds": 0,
        "chromium": options.chromium,
        "warm-up": WARM_UP_SECONDS,
        "run-time": f"{options.seconds + WARM_UP_SECONDS}s",
        # Both sides wait for the same generator: late or not, it is late for both.
        "max-lag-ms": 1000,
    }


def main() -> int:
    """Compare, say what was found, and keep it."""
    options = _options()
    end_on_sigterm()
    try:
        before = options.before or previous_tag(HERE)
        with built(HERE, before) as checkout:
            pairs = in_turns(checkout, HERE, options)
    except RevisionError as error:
        sys.stderr.write(f"compare: {error}\n")
        return evaluation.EXIT_USAGE
    except (ServiceFailed, RunFailed) as error:
        sys.stderr.write(f"compare: {error}\n")
        return evaluation.EXIT_UNKNOWN
    return tell(pairs, before, options)


def tell(pairs: Pairs, before: str, options: argparse.Namespace) -> int:
    """Print and keep what was found; give the exit code."""
    found = compared(pairs, load_objectives())
    Console(width=None if sys.stdout.isatty() else 160).print(found.table(before))
    invalid = pairs.why_invalid()
    if invalid:
        sys.stdout.write(f"Result not valid: {invalid}\n")
    if options.markdown:
        results.write_text(options.markdown, found.markdown(before, invalid))
    if options.keep:
        content = {
            "kept_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "before": before,
            "after": results.commit(),
            "machine": results.machine(),
            "parameters": _load(options),
            "rounds": options.rounds,
            "invalid_reason": invalid,
            "objectives": [asdict(row) for row in found.rows],
        }
        results.write_text(options.keep, json.dumps(content, indent=1) + "\n")
    if invalid or not found.rows:
        return evaluation.EXIT_UNKNOWN
    return evaluation.EXIT_FAIL if found.is_worse else evaluation.EXIT_PASS


def _options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m loadtests.compare", description=__doc__)
    add = parser.add_argument
    add("--before", default="", help="An earlier revision. Default: the newest tag before this")
    add("--rounds", type=count, default=4, help="Runs of each side. Default: 4")
    add("--seconds", type=count, default=30, help="Of each run, after warm-up. Default: 30")
    add("--users", type=count, default=20, help="Default: 20")
    add("--browsers", type=int, default=1, choices=range(6), help="Default: 1")
    add("--chromium", default="", help="The browser. Default: the installed chromium")
    add("--folder", type=Path, default=Path("test-results"), help="For each run's report.")
    add("--markdown", type=Path, help="File for what was found, as a pull request's comment.")
    add("--keep", type=Path, help="File for what was found, for programs.")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
