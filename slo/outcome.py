"""All that a gate found, and the exit code that follows."""

from collections.abc import Sequence
from dataclasses import dataclass

from slo import evaluation
from slo.judgement import Judgement

MEANINGS = {
    evaluation.EXIT_PASS: ("pass", "every objective that is judged here passes"),
    evaluation.EXIT_FAIL: ("FAIL", "at least one objective fails"),
    evaluation.EXIT_UNKNOWN: (
        "not known",
        "too few events, or the source cannot be reached; that is never a pass",
    ),
}


@dataclass(frozen=True)
class Outcome:
    """The verdicts of one gate. ``unknown`` says why nothing can be known of any, if so."""

    title: str
    judgements: Sequence[Judgement]
    unknown: str | None = None

    @property
    def exit_code(self) -> int:
        """0 all pass, 1 one fails, 3 too little is known."""
        verdicts = [one.verdict for one in self.judgements]
        return evaluation.exit_code(verdicts, unreachable=self.unknown is not None)

    @property
    def word(self) -> str:
        """The exit code in a word."""
        return MEANINGS[self.exit_code][0]

    @property
    def meaning(self) -> str:
        """The exit code in a sentence."""
        return f"Exit code {self.exit_code}: {MEANINGS[self.exit_code][1]}."
