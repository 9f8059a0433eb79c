"""All that a gate found, and the exit code that follows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from slo import evaluation
from slo.judgement import Judgement
from slo.measurements import LeftOut
from slo.objective import Objective
from slo.regression import Comparison

MEANINGS = {
    evaluation.EXIT_PASS: ("pass", "every objective that is judged here passes"),
    evaluation.EXIT_FAIL: ("FAIL", "at least one objective fails, or is worse than its baseline"),
    evaluation.EXIT_UNKNOWN: ("not known", "that is never a pass"),
}
NOT_READ = "the source could not be read"
NOT_VALID = "the run is not valid"
TOO_FEW = "too few events"
NONE_JUDGED = "this source judges none of the objectives"


@dataclass(frozen=True)
class Outcome:
    """The verdicts of one gate.

    ``unknown`` says why nothing can be known of any, if so; with ``where``, what could not be read
    there. ``comparisons`` are with a baseline, by objective's name; None without one.
    """

    title: str
    judgements: Sequence[Judgement]
    unknown: str | None = None
    where: str | None = None
    comparisons: Mapping[str, Comparison] | None = None

    @property
    def exit_code(self) -> int:
        """0 all pass, 1 one fails or is worse than its baseline, 3 too little is known."""
        if any(self.is_worse(one) for one in self.judgements):
            return evaluation.EXIT_FAIL
        verdicts = [one.verdict for one in self.judgements]
        return evaluation.exit_code(verdicts, unreachable=self.unknown is not None)

    def is_worse(self, one: Judgement) -> bool:
        """Whether the baseline was significantly better."""
        comparison = (self.comparisons or {}).get(one.objective.name)
        return comparison is not None and comparison.is_worse

    @property
    def obstacle(self) -> str | None:
        """What stands between the gate and a verdict; None where nothing does."""
        if self.exit_code != evaluation.EXIT_UNKNOWN:
            return None
        if self.unknown:
            return NOT_READ if self.where else NOT_VALID
        too_few = any(one.verdict == "insufficient_data" for one in self.judgements)
        return TOO_FEW if too_few else NONE_JUDGED

    @property
    def why_unknown(self) -> str:
        """Where and why nothing can be known; empty where something is."""
        return " ".join(filter(None, (self.where, self.unknown)))

    @property
    def left_out(self) -> list[tuple[Objective, tuple[LeftOut, ...]]]:
        """Each objective's maintenance."""
        return [(one.objective, one.left_out) for one in self.judgements]

    @property
    def word(self) -> str:
        """The exit code in a word."""
        return MEANINGS[self.exit_code][0]

    @property
    def meaning(self) -> str:
        """The exit code in a sentence."""
        said = MEANINGS[self.exit_code][1]
        return f"Exit code {self.exit_code}: {'; '.join(filter(None, (self.obstacle, said)))}."
