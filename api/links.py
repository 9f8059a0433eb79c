"""Links of the OpenAPI document: what of an answer leads to which operation next."""

from collections.abc import Mapping

Parameters = Mapping[str, str]
"""From a parameter of the next operation to a runtime expression of OpenAPI."""

_ALERT = {"alert_id": "$response.body#/alerts/0/id"}
_SAME_ALERT = {"alert_id": "$request.path.alert_id"}
_KPI = {"key": "$response.body#/executiveKpis/0/key"}
_SAME_KPI = {"key": "$request.path.key"}
_OBJECTIVE = {"name": "$response.body#/objectives/0/name"}
_SAME_OBJECTIVE = {"name": "$request.path.name"}
_HANDLED: Mapping[str, Parameters] = {"alertHistory": _SAME_ALERT, "resolve": _SAME_ALERT}
_NOTHING: Parameters = {}

LINKS: Mapping[str, Mapping[str, Parameters]] = {
    "getHealth": {"getReadiness": _NOTHING},
    "getReadiness": {"getMetrics": _NOTHING},
    "getSession": {"signInByToken": _NOTHING, "executiveDashboard": _NOTHING},
    "signInByToken": {"getSession": _NOTHING},
    "signOut": {"getSession": _NOTHING},
    "executiveDashboard": {
        "kpiDetail": _KPI,
        "explainChange": _KPI,
        "exportCsv": _NOTHING,
        "exportXlsx": _NOTHING,
        "listAlerts": _NOTHING,
        "logEvents": _NOTHING,
    },
    "kpiDetail": {
        "explainChange": _SAME_KPI,
        "kpiCsv": _SAME_KPI,
        "kpiXlsx": _SAME_KPI,
        "kpiRows": _SAME_KPI,
        "kpiRowsCsv": _SAME_KPI,
        "kpiRowsXlsx": _SAME_KPI,
    },
    "explainChange": {"kpiDetail": _SAME_KPI},
    "listAlerts": {
        "alertHistory": _ALERT,
        "acknowledge": _ALERT,
        "assign": _ALERT,
        "snooze": _ALERT,
        "resolve": _ALERT,
    },
    "acknowledge": _HANDLED,
    "assign": _HANDLED,
    "snooze": _HANDLED,
    "resolve": {"alertHistory": _SAME_ALERT},
    "receiveWebhook": {"listAlerts": _NOTHING},
    "importRows": {"executiveDashboard": _NOTHING, "exportAuditTrail": _NOTHING},
    "logEvents": {"getSlo": _NOTHING, "getMetrics": _NOTHING},
    "getSlo": {"getObjective": _OBJECTIVE, "getQualityGates": _NOTHING},
    "getObjective": {"getReleases": _SAME_OBJECTIVE},
}
