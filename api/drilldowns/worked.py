"""How each value was computed: the rule in words, then the same rule with its numbers. Pure."""

from dataclasses import dataclass

from api import wording
from api.executive.formulas import KpiResult
from api.executive.kpis import ValueUnit


@dataclass(frozen=True)
class Rule:
    """A formula; ``worked`` names its inputs and ``{value}`` in braces."""

    text: str
    worked: str


RULES: dict[str, Rule] = {
    "backlog": Rule(
        "Opening backlog + booked − recognized − cancelled = closing backlog",
        "{opening} + {booked} − {recognized} − {cancelled} = {value}",
    ),
    "uptime": Rule(
        "Weighted seconds up / weighted seconds observed",
        "{up_seconds} / {observed_seconds} = {value}",
    ),
    "nrr": Rule(
        "(Opening MRR − churned − contraction + expansion) / opening MRR",
        "({opening_mrr} − {churned_mrr} − {contraction_mrr} + {expansion_mrr}) / {opening_mrr}"
        " = {value}",
    ),
    "gm": Rule(
        "Profit / amount of the recognized orders whose profit is known",
        "{profit} / {amount} = {value}",
    ),
    "payback": Rule(
        "Sales and marketing expenses / (new MRR × gross margin)",
        "{sales_marketing} / ({new_mrr} × {gross_margin}) = {value}",
    ),
    "revenue": Rule("Sum of the amounts recognized in the window", "{recognized}"),
    "book_to_bill": Rule("Booked / recognized in the window", "{booked} / {recognized} = {value}"),
    "coverage_months": Rule(
        "Backlog / mean monthly recognized of the last six complete months",
        "{backlog} / ({recognized} / {history_months}) = {value}",
    ),
    "arr": Rule("12 × MRR of the window's last month", "{months} × {mrr} = {value}"),
    "pipeline": Rule(
        "Sum of the amounts of the deals open at the window's end",
        "{open_deals} deals worth {value}",
    ),
    "inventory_turns": Rule(
        "Annualised cost of goods sold / mean inventory",
        "({cogs} × 12 / {months}) / {mean_inventory} = {value}",
    ),
}
FROM_PIPELINE = Rule(
    "Sum of amount × win rate of the open deals expected to close in the period; a deal without"
    " a win rate of its own takes won / (won + lost) of the last 12 months",
    "{open_deals} of open deals, weighted = {value}",
)
FROM_TREND = Rule(
    "Mean recognized of the last three complete months × 1.02 × months of the period",
    "{recognized} / {history_months} × {growth} × {horizon_months} = {value}",
)
CONFIGURED = Rule("A configured value", "{value}")


def rule(metric: str, result: KpiResult) -> Rule:
    """The rule that this value was computed by."""
    if result.is_static:
        return CONFIGURED
    if metric == "forecast":
        return FROM_PIPELINE if result.method == "pipeline" else FROM_TREND
    return RULES[metric]


def worked(metric: str, result: KpiResult, unit: ValueUnit, sign: str) -> str | None:
    """The rule with its numbers; None when one of them is missing."""
    if result.value is None:
        return None
    template = rule(metric, result).worked
    numbers = {
        part.name: wording.precise(part.value, part.unit, sign)
        for part in result.parts
        if part.value is not None
    }
    numbers["value"] = _value(result, unit, sign)
    try:
        return template.format_map(numbers)
    except KeyError:  # an input that only orders can tell, in a month of given totals
        return None


def _value(result: KpiResult, unit: ValueUnit, sign: str) -> str:
    assert result.value is not None
    if unit in ("money", "ratio"):
        return wording.precise(result.value, unit, sign)
    return wording.shown(result.value, unit, sign, 1)
