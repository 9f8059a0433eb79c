"""Who may do what, written down a second time and from the requirements, not from the code.

A column a role, in the order of ``ROLES``: ``x`` comes in, ``.`` is forbidden. ``public`` lines let
everybody in, with or without credentials. Paths are concrete: a department's own and others'.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

ROLES = (
    "executive",
    "head:sales",
    "head:finance",
    "head:operations",
    "head:supply",
    "head:marketing",
    "sre",
    "ingest",
    "alertmanager",
    "importer",
    "admin",
)

# e = executive, s f o u m = heads of sales, finance, operations, supply, marketing,
# r = SRE, i = ingest, w = Alertmanager's webhook, p = importer, a = admin
TABLE = """
                                              esfoumriwpa
GET  /api/health                              public
GET  /api/ready                               public
GET  /assets/none.js                          public
GET  /sign-in                                 public
GET  /sign-in/start                           public
GET  /sign-in/callback                        public
GET  /api/session                             public
POST /api/session/sign-in                     public
GET  /                                        xxxxxxx...x
GET  /dashboard                               xxxxxx....x
GET  /api/executive-dashboard                 xxxxxx....x
GET  /api/executive-dashboard?range=6m        xxxxxx....x
GET  /api/export.csv                          xxxxxx....x
GET  /api/export.xlsx                         xxxxxx....x
GET  /operations/uptime                       x..x......x
GET  /sales/kpis/pipeline                     xx...x....x
GET  /sales/kpis/revenue                      xx...x....x
GET  /supply                                  x...x.....x
GET  /supply/kpis/inventory_turns             x...x.....x
GET  /finance/kpis/revenue                    x.x.......x
GET  /finance/kpis/nrr                        x.x.......x
GET  /finance/kpis/gm                         x.x.......x
GET  /finance/kpis/payback                    x.x..x....x
GET  /finance/kpis/arr                        x.x.......x
GET  /api/kpis/revenue                        xxx..x....x
GET  /api/kpis/pipeline                       xx...x....x
GET  /api/kpis/forecast                       xx...x....x
GET  /api/kpis/book_to_bill                   x.x.......x
GET  /api/kpis/nrr                            x.x.......x
GET  /api/kpis/gm                             x.x.......x
GET  /api/kpis/arr                            x.x.......x
GET  /api/kpis/payback                        x.x..x....x
GET  /api/kpis/uptime                         x..x......x
GET  /api/kpis/backlog                        x...x.....x
GET  /api/kpis/coverage_months                x...x.....x
GET  /api/kpis/inventory_turns                x...x.....x
GET  /api/kpis/no_such_kpi                    x.........x
GET  /api/kpis/gm.csv                         x.x.......x
GET  /api/kpis/gm.xlsx                        x.x.......x
GET  /api/kpis/backlog.csv                    x...x.....x
GET  /api/kpis/pipeline.xlsx                  xx...x....x
GET  /api/kpis/gm/rows                        x.x.......x
GET  /api/kpis/payback/rows                   x.x..x....x
GET  /api/kpis/gm/rows.csv                    x.x.......x
GET  /api/kpis/gm/rows.xlsx                   x.x.......x
GET  /api/kpis/backlog/rows.csv               x...x.....x
GET  /api/kpis/backlog/rows.xlsx              x...x.....x
GET  /api/drivers/revenue                     xxx..x....x
GET  /api/drivers/gm                          x.x.......x
GET  /api/drivers/uptime                      x..x......x
GET  /api/alerts                              xxxxxxx...x
GET  /api/alerts/{gm}/history                 x.x.......x
GET  /api/alerts/{slo}/history                x..x..x...x
POST /api/alerts/{gm}/acknowledge             x.x.......x
POST /api/alerts/{gm}/assign                  x.x.......x
POST /api/alerts/{gm}/snooze                  x.x.......x
POST /api/alerts/{gm}/resolve                 x.x.......x
POST /api/alerts/{revenue}/acknowledge        xxx..x....x
POST /api/alerts/{uptime}/acknowledge         x..x......x
POST /api/alerts/{payback}/acknowledge        x.x..x....x
POST /api/alerts/{backlog}/acknowledge        x...x.....x
POST /api/alerts/{slo}/acknowledge            x..x..x...x
POST /api/alerts/webhook                      ........x.x
GET  /reliability                             x..x..x...x
GET  /api/slo                                 x..x..x...x
GET  /api/slo/ttfb                            x..x..x...x
GET  /api/slo/ttfb/releases                   x..x..x...x
GET  /api/quality-gates                       x..x..x...x
GET  /metrics                                 ......x...x
POST /api/events                              xxxxxxxx..x
POST /api/imports/orders                      .........xx
GET  /api/audit.csv                           ..........x
GET  /openapi.json                            xxxxxxxxxxx
POST /api/session/sign-out                    public
"""


JSON, CSV = "application/json", "text/csv"
# By the end of a path: what is sent there, and as what.
BODIES = {
    "assign": ('{"assignee": "Ada"}', JSON),
    "snooze": ('{"until": "%(tomorrow)s"}', JSON),
    "webhook": ('{"version": "4", "alerts": []}', JSON),
    "sign-in": ("{}", JSON),
    "events": ('{"event_type": "page_view", "meta": {"ttfb_ms": 1.0}}', JSON),
    "orders": ("order_id\n", CSV),
}
# The KPIs of the alerts in paths; ``slo`` is one of an objective.
ALERTS = ("gm", "revenue", "uptime", "payback", "backlog", "slo")


@dataclass(frozen=True)
class Line:
    """One request, and the roles that it lets in; None is everybody."""

    method: str
    path: str
    roles: frozenset[str] | None

    def body(self, now: datetime) -> tuple[str, str] | None:
        """What a POST sends, and its media type; None for nothing."""
        sent = BODIES.get(self.path.rpartition("/")[2]) if self.method == "POST" else None
        tomorrow = (now + timedelta(days=1)).isoformat()
        return sent and (sent[0] % {"tomorrow": tomorrow}, sent[1])

    def admits(self, role: str) -> bool:
        """Whether somebody with this role alone comes in."""
        return self.roles is None or role in self.roles


def lines() -> list[Line]:
    """The table, read."""
    found = []
    for text in TABLE.strip().splitlines()[1:]:
        method, path, marks = text.split()
        allowed = {role for role, mark in zip(ROLES, marks, strict=False) if mark == "x"}
        assert marks == "public" or len(marks) == len(ROLES), text
        found.append(Line(method, path, None if marks == "public" else frozenset(allowed)))
    return found
