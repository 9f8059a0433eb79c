"""Examples of the OpenAPI document, by operation. A test holds each against its schema."""

from typing import Any

Json = dict[str, Any]

_ALERT: Json = {
    "id": 2,
    "type": "kpi_threshold",
    "title": "Uptime below the act line: 99.45 % (line 99.50 %)",
    "description": "In October 2026: Uptime is 99.45 %. The act line asks for at least 99.50 %.",
    "severity": "high",
    "status": "open",
    "kpi": "uptime",
    "drilldown": "/operations/uptime",
    "created_at": "2026-11-22T20:27:47Z",
}
_TIMEFRAME: Json = {
    "range": "12m",
    "start_date": "2025-11-01",
    "end_date": "2026-10-31",
    "granularity": "month",
    "as_of": "2026-11-21",
    "fiscal_year_start_month": 1,
}

BODIES: dict[str, tuple[str, object]] = {
    "assign": ("application/json", {"assignee": "Priya Raman"}),
    "snooze": ("application/json", {"until": "2026-12-01T09:00:00Z"}),
    "receiveWebhook": (
        "application/json",
        {
            "version": "4",
            "alerts": [
                {
                    "status": "firing",
                    "labels": {"alertname": "SloBurn", "slo": "render", "severity": "page"},
                    "annotations": {"summary": "First screen drawn: the budget burns fast"},
                    "startsAt": "2026-11-22T20:27:47Z",
                    "fingerprint": "b1a2c3d4e5f60718",
                }
            ],
        },
    ),
    "importRows": (
        "text/csv",
        "title,owner,due,mitigation,status\n"
        "One supplier for gateways,Priya Raman,2026-12-10,Qualify a second one,open\n",
    ),
}

ANSWERS: dict[str, object] = {
    "listAlerts": {"alerts": [_ALERT], "generated_at": "2026-11-22T21:28:44Z"},
    "acknowledge": _ALERT | {"status": "acknowledged"},
    "assign": _ALERT | {"assignee": "Priya Raman"},
    "snooze": _ALERT | {"status": "snoozed", "snoozed_until": "2026-12-01T09:00:00Z"},
    "resolve": _ALERT | {"status": "resolved", "resolved_at": "2026-11-22T21:28:44Z"},
    "executiveDashboard": {
        "timeframe": _TIMEFRAME,
        "executiveKpis": [
            {
                "key": "backlog",
                "label": "Backlog",
                "value": 1357230.2,
                "unit": "£",
                "delta": 1.2371,
                "deltaAbs": 750546.01,
                "deltaUnit": "money",
                "direction": "up",
                "goodDirection": "down",
                "status": "watch",
                "target": 900000.0,
                "warnings": [],
                "definition": "Orders booked by the end of the window that were neither recognized"
                " nor cancelled by then.",
                "drilldown": "/supply",
                "sparkline": [703716.55, None, 1357230.2],
            }
        ],
        "revenueTrend": [
            {
                "period": "2025-11",
                "recognized": 1604623.22,
                "booked": 1711479.15,
                "backlog": 703716.55,
            }
        ],
        "running": {
            "period": "2026-11",
            "through": "2026-11-21",
            "recognized": 1316219.08,
            "booked": 1493642.28,
            "backlog": 1522782.24,
        },
        "alerts": [_ALERT],
        "risks": [
            {
                "id": 4,
                "title": "Sensor gateway component single-sourced",
                "owner": "Priya Raman",
                "due": "2026-11-10",
                "mitigation": "Qualify a second supplier.",
                "status": "open",
            }
        ],
        "freshness": {
            "data_as_of": "2026-11-21",
            "today": "2026-11-22",
            "generated_at": "2026-11-22T21:28:44Z",
            "stale": False,
            "demo": False,
            "sources": [
                {
                    "kind": "orders",
                    "rows": 41069,
                    "data_as_of": "2026-11-21",
                    "imported_at": "2026-11-22T20:27:47Z",
                    "demo": False,
                }
            ],
        },
    },
    "explainChange": {
        "metric": "gm",
        "by": "segment",
        "dimensions": ["segment", "region"],
        "timeframe": _TIMEFRAME,
        "unit": "pp",
        "now": 0.5291,
        "before": 0.5236,
        "change": 0.0055,
        "contributions": [
            {"name": "Enterprise", "effect": 0.0046, "kind": "rate"},
            {"name": "Enterprise", "effect": 0.0009, "kind": "mix"},
        ],
        "positive": 0.0055,
        "negative": 0.0,
        "residual": 0.0,
        "offsetting": False,
        "sentence": "Gross Margin rose by 0.6 points to 52.9 % against the 12 months before.",
    },
    "kpiRows": {
        "rows": [
            {
                "kind": "orders",
                "order_id": "O-2025-10-0460",
                "booked_on": "2025-10-01",
                "recognized_on": "2025-11-01",
                "cancelled_on": None,
                "amount": "2093.54",
            }
        ],
        "total": 15052,
        "page": 1,
        "page_size": 1,
    },
    "getHealth": {"status": "ok"},
    "getReadiness": {
        "status": "ready",
        "dependencies": [
            {"name": "database", "ready": True, "detail": "schema 0002"},
            {"name": "event_writer", "ready": True, "detail": "takes events"},
        ],
    },
}
