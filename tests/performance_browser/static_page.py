"""The page to compare with: plain HTML with its numbers written out, and one ECharts chart.

It is made fast: a few kilobytes, compressed once, ECharts as its users ship it (the ready-made
``echarts.min.js``), compressed and kept for a year, one drawing without animation. It shows the
same ten numbers, trend, alerts and risks as the first screen, and nothing else.
"""

import json
from collections.abc import Mapping
from html import escape
from typing import Any

from tests.performance_browser.shown import change, value

STYLE = """
body { font: 15px system-ui, sans-serif; margin: 16px 24px; color: #101828; background: #f4f6f9 }
section { background: #fff; border: 1px solid #e1e6ed; border-radius: 10px; padding: 12px 16px }
.cards { display: grid; grid-template-columns: repeat(5, 1fr); gap: 12px; margin-bottom: 16px }
.cards b { display: block; font-size: 34px } .cards span { color: #4d5a6b }
.rest { display: grid; grid-template-columns: 5fr 4fr 3.4fr; gap: 16px }
#trend { height: 480px } li { margin: 8px 0 }
"""


def document(dashboard: Mapping[str, Any], currency: str, scripts: Mapping[str, str]) -> str:
    """The page for one answer of the API; ``scripts`` are the addresses of its two files."""
    data = json.dumps(dashboard, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8">
<title>A static page</title><link rel="stylesheet" href="{scripts["style"]}">
<script defer src="{scripts["echarts"]}"></script><script defer src="{scripts["chart"]}"></script>
</head><body><h1>Executive dashboard</h1><button type="button">Quarter</button>
<div class="cards">{"".join(_card(kpi, currency) for kpi in dashboard["executiveKpis"])}</div>
<div class="rest"><section><h2>Trend</h2><div id="trend"></div></section>
<section><h2>Risks</h2><ul>{"".join(map(_risk, dashboard["risks"]))}</ul></section>
<section><h2>Alerts</h2><ul>{"".join(map(_alert, dashboard["alerts"]))}</ul></section></div>
<script type="application/json" id="data">{data}</script></body></html>"""


def _card(kpi: Mapping[str, Any], currency: str) -> str:
    return (
        f"<section>{escape(kpi['label'])}<b>{escape(value(kpi, currency))}</b>"
        f"<span>{escape(change(kpi, currency))}</span></section>"
    )


def _risk(risk: Mapping[str, Any]) -> str:
    line = f"{risk['title']}: {risk['owner']}, {risk['due']}, {risk['mitigation']}"
    return f"<li>{escape(line)}</li>"


def _alert(alert: Mapping[str, Any]) -> str:
    return f"<li>{escape(alert['severity'])}: {escape(alert['title'])}</li>"
