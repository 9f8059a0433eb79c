"""What events may say: their types, their metrics with bounds, their texts with lengths."""

import re
from datetime import timedelta

from api.executive.kpis import KpiKey
from api.storage.event_tables import NAME_CHARACTERS

# Their events may carry metrics, on which objectives may be set.
MEASURED_TYPES = (
    "page_view",
    "switch_range_or_granularity",
    "drilldown",
    "alert_click",
    "export_csv",
    "alerts_poll",
    "client_error",
)
FEATURE_USE = "feature_use"  # says what was used, and measures nothing
EVENT_TYPES = (*MEASURED_TYPES, FEATURE_USE)

# What `feature` of a `feature_use` may be.
FEATURES = (
    "compare",
    "as_of",
    "theme",
    "kiosk",
    "print",
    "palette_open",
    "palette",
    "shortcuts",
    "definition",
    "rows",
    "why",
    "drivers_by",
    "drivers_inside",
    "filter_set",
    "filter_removed",
    "breakdown_by",
    "table_sort",
    "chart_table",
    "alert_details",
    "alert_acknowledge",
    "alert_assign",
    "alert_snooze",
    "alert_resolve",
    "objective_open",
    "objectives_window",
    "export_xlsx",
    "sign_out",
)

TEN_MINUTES_MS = 600_000.0

# The largest value that each metric may have; the smallest is 0.
METRIC_LIMITS = {
    "ttfb_ms": TEN_MINUTES_MS,
    "render_total_ms": TEN_MINUTES_MS,
    "switch_latency_ms": TEN_MINUTES_MS,
    "alerts_poll_interval_ms": TEN_MINUTES_MS,
    "drilldown_duration_ms": TEN_MINUTES_MS,
    "drilldown_clicks": 1000.0,
}
WHOLE_NUMBERS = frozenset({"drilldown_clicks"})

# Texts that this product sends. Others are kept too, within the same bounds.
TEXT_KEYS = ("kpi", "from", "to", "navigation_type", "trace_id")
CONTEXT_KEYS = ("session_id", "release")
MAX_META_KEYS = 32
MAX_TEXTS = 16
TEXT_NAME = re.compile(rf"[a-z][a-z0-9_]{{0,{NAME_CHARACTERS - 1}}}", re.ASCII)

# Control characters, which no line of text needs, and halves of surrogate pairs.
UNFIT_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

KNOWN_KPIS = frozenset({*map(str, KpiKey), "pipeline", "inventory_turns"})
OTHER_KPI = "other"  # usage counts what it does not know under one name

MAX_EVENTS = 500
MAX_AHEAD = timedelta(minutes=5)
MAX_KEY_CHARACTERS = 255  # of an Idempotency-Key
