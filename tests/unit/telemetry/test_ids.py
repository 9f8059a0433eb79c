"""The ids that spans get at the doors."""

import re

from telemetry.tracing import IDS_AHEAD, new_ids


def test_no_ids_repeat_and_all_look_as_in_a_traceparent() -> None:
    made = [new_ids() for _ in range(3 * IDS_AHEAD)]
    assert all(re.fullmatch(rb"[0-9a-f]{32}-[0-9a-f]{16}", ids) for ids in made)
    assert len({ids[:32] for ids in made}) == len({ids[33:] for ids in made}) == len(made)
