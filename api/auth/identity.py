"""Who is asking, as everything behind the gate knows it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import sha256

from starlette.types import Scope

from api.auth.permissions import LEADERS, Rule
from api.auth.roles import DOMAINS, Role

KEY = "identity"  # in a request's scope
OF_TOKENS = "token:"  # how subjects of API tokens begin, and no others
NAME_LENGTH = 50
SUBJECT_LENGTH = 64

_NOT_IN_NAMES = {*map(chr, range(32)), "\x7f", "<", ">"}


@dataclass(frozen=True)
class Identity:
    """A person or a program. ``subject`` says who for good; ``name`` is what people call them."""

    subject: str
    name: str
    roles: frozenset[Role]
    expires_at: datetime | None = None

    @cached_property
    def label(self) -> str:
        """How audit rows name them: ``Ada Lovelace <a1b2c3>``, at most 120 characters."""
        if self == LOCAL:
            return self.name
        subject = self.subject
        if len(subject) > SUBJECT_LENGTH or _NOT_IN_NAMES & {*subject}:
            subject = "sha256:" + sha256(subject.encode()).hexdigest()[:40]
        name = "".join(each for each in self.name if each not in _NOT_IN_NAMES)
        return f"{name[:NAME_LENGTH].strip()} <{subject}>".strip()

    @cached_property
    def metrics(self) -> frozenset[str] | None:
        """The metrics that they may see in depth; None is all of them."""
        if self.roles & LEADERS:
            return None
        return frozenset().union(*(DOMAINS[role].metrics for role in self.roles & {*DOMAINS}))

    def may(self, rule: Rule) -> bool:
        """Whether a row of the table lets them in."""
        if not self.roles & rule.access.roles:
            return False
        if rule.access.metric_in is None or self.metrics is None:
            return True
        return rule.parameters[rule.access.metric_in] in self.metrics

    def sees_alert(self, kpi: str | None) -> bool:
        """Whether an alert is theirs: one of a metric of theirs, or of an objective (no KPI)."""
        if self.metrics is None:
            return True
        if kpi is None:
            return bool(self.roles & {Role.SRE, Role.HEAD_OPERATIONS})
        return kpi in self.metrics


# Whoever reaches a service without accounts.
LOCAL = Identity("local", "local", frozenset({Role.ADMIN}))


def identity_of(scope: Scope) -> Identity:
    """Who sent a request; ``LOCAL`` while there are no accounts."""
    identity: Identity = scope.get(KEY, LOCAL)
    return identity


def known_roles(names: Collection[str]) -> frozenset[Role]:
    """The roles among names; others are nothing to us."""
    return frozenset(role for role in Role if role in names)
