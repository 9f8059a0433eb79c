"""The file of objectives: read, checked, and turned into what every judge goes by."""

import difflib
import math
from datetime import timedelta
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from slo import windows
from slo.documents import Document, Problem, SpecError, parse
from slo.documents import Path as DocumentPath
from slo.maintenance import MOST_WINDOWS, Maintenance, rounded_outward
from slo.objective import AlertTier, Objective, Threshold
from slo.openslo import (
    ANNOTATION_PREFIX,
    SOURCES,
    Annotations,
    MaintenanceSpec,
    Service,
    Slo,
    SpecModel,
    TierSpec,
)

__all__ = ["AlertTier", "Objective", "SpecError", "Threshold", "load_objectives"]

T = TypeVar("T", bound=SpecModel)

DEFAULT_FILE = Path(__file__).parent / "objectives.yaml"


def load_objectives(path: Path = DEFAULT_FILE) -> tuple[Objective, ...]:
    """Read and check a file of objectives, in the file's order. Raises SpecError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise SpecError([Problem(str(path), 1, "", f"cannot be read: {reason}")]) from error
    return parse_objectives(text, str(path))


def parse_objectives(text: str, file: str = "objectives.yaml") -> tuple[Objective, ...]:
    """Read and check the text of a file of objectives. Raises SpecError with every mistake."""
    reader = _Reader()
    documents = parse(text, file)
    for document in documents:
        reader.read(document)
    objectives = reader.objectives()
    if not documents or not (objectives or reader.problems):
        reader.problems.append(Problem(file, 1, "", "holds no SLO document"))
    if reader.problems:
        raise SpecError(sorted(reader.problems, key=lambda problem: problem.line))
    return objectives


class _Reader:
    """Collects documents first, since an SLO may stand before its Service."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._services: dict[str, Service] = {}
        self._slos: dict[str, tuple[Slo, Document]] = {}
        self._service_documents: dict[str, Document] = {}

    def read(self, document: Document) -> None:
        kind = document.content.get("kind") if isinstance(document.content, dict) else None
        if kind == "Service":
            service = _validated(Service, document, self.problems)
            if service and self._unique(service.metadata.name, self._services, document):
                self._services[service.metadata.name] = service
                self._service_documents[service.metadata.name] = document
        elif kind == "SLO":
            slo = _validated(Slo, document, self.problems)
            if slo and self._unique(slo.metadata.name, self._slos, document):
                self._slos[slo.metadata.name] = (slo, document)
        else:
            hint = "write the indicator inside its SLO, and alert tiers as annotations"
            self.problems.append(
                document.problem(("kind",), f"{kind!r} is not read here: use SLO or Service", hint)
            )

    def objectives(self) -> tuple[Objective, ...]:
        found = (self._objective(slo, document) for slo, document in self._slos.values())
        return tuple(objective for objective in found if objective)

    def _unique(self, name: str, seen: dict[str, Any], document: Document) -> bool:
        if name not in seen:
            return True
        self.problems.append(
            document.problem(("metadata", "name"), f"{name!r} stands twice in this file")
        )
        return False

    def _objective(self, slo: Slo, document: Document) -> Objective | None:
        service = self._services.get(slo.spec.service)
        if service is None:
            hint = _closest(slo.spec.service, self._services)
            message = f"no Service document is named {slo.spec.service!r}"
            self.problems.append(document.problem(("spec", "service"), message, hint))
            return None
        home = self._service_documents[slo.spec.service]
        settings = _Settings(
            (slo.metadata.annotations, document), (service.metadata.annotations, home)
        )
        built = _build(slo, document, settings)
        self.problems += [p for p in settings.problems if p not in self.problems]
        return built if not settings.problems else None


class _Settings:
    """Annotations of an SLO, and where it has none those of its service."""

    def __init__(self, *layers: tuple[Annotations, Document]) -> None:
        self._layers = layers
        self.problems: list[Problem] = []

    def text(self, field: str) -> str | None:
        for annotations, _ in self._layers:
            given: str | None = getattr(annotations, field)
            if given is not None:
                return given
        return None

    def report(self, field: str, message: str, hint: str = "", line_offset: int = 0) -> None:
        key = ANNOTATION_PREFIX + field.replace("_", "-")
        document = next(
            (home for given, home in self._layers if getattr(given, field) is not None),
            self._layers[0][1],
        )
        problem = document.problem(("metadata", "annotations", key), message, hint)
        line = problem.line + line_offset
        self.problems.append(Problem(problem.file, line, problem.where, message, hint))

    def sources(self) -> tuple[str, ...]:
        names = _list(self.text("sources"))
        if not names:
            self.report("sources", "names no source", f"sources are {', '.join(SOURCES)}")
        for name in names:
            if name not in SOURCES:
                self.report("sources", f"{name!r} is not a source", _closest(name, SOURCES))
        return names

    def shown_windows(self) -> tuple[int, ...]:
        try:
            return tuple(map(windows.parse_window, _list(self.text("shown_windows"))))
        except windows.WindowError as error:
            self.report("shown_windows", str(error))
            return ()

    def tiers(self) -> tuple[AlertTier, ...]:
        specs = self._listed("alert_tiers", TypeAdapter(list[TierSpec]))
        names = [spec.name for spec, _ in specs]
        for at, (spec, line) in enumerate(specs):
            if spec.name in names[:at]:
                message = f"{spec.name} is the name of two tiers"
                self.report("alert_tiers", message, "alerts tell them by it", line_offset=line)
        return tuple(self._tier(spec) for spec, _ in specs)

    def _tier(self, spec: TierSpec) -> AlertTier:
        long, short = windows.parse_duration(spec.long), windows.parse_duration(spec.short)
        if short >= long:
            self.report("alert_tiers", f"{spec.name}: short must be shorter than long")
        return AlertTier(spec.name, spec.severity, Fraction(spec.burn_rate), long, short)

    def maintenance(self) -> tuple[Maintenance, ...]:
        """The windows in the order of time; one that shares an hour with another is a mistake."""
        found: list[tuple[Maintenance, int]] = []
        for spec, line in self._listed("maintenance", TypeAdapter(list[MaintenanceSpec])):
            try:
                found.append((rounded_outward(spec.start, spec.end, spec.reason), line))
            except ValueError as error:
                self.report("maintenance", str(error), line_offset=line)
        if len(found) > MOST_WINDOWS:
            self.report("maintenance", f"has more than {MOST_WINDOWS} windows")
        found.sort(key=lambda each: each[0].start)
        for (before, _), (after, line) in pairwise(found):
            if after.start < before.end:
                message = f"shares an hour with the window from {before.start:%Y-%m-%dT%H:%MZ}"
                self.report("maintenance", message, "write them as one", line_offset=line)
        return tuple(window for window, _ in found)

    def _listed(self, field: str, model: TypeAdapter[list[T]]) -> list[tuple[T, int]]:
        """The entries of an annotation that holds a YAML list, each with its line in there."""
        text = self.text(field)
        problems: list[Problem] = []
        entries: list[tuple[T, int]] = []
        try:
            for document in parse(text or "", ""):
                specs = _validated(model, document, problems) or []
                entries += [(spec, document.line((at,))) for at, spec in enumerate(specs)]
        except SpecError as error:
            problems += error.problems
        for problem in problems:
            message = f"{problem.where}: {problem.message}" if problem.where else problem.message
            self.report(field, message, problem.hint, line_offset=problem.line)
        return entries


def _build(slo: Slo, document: Document, settings: _Settings) -> Objective:
    spec = slo.spec
    goal = spec.objectives[0]
    query = spec.indicator.spec.threshold_metric.metric_source.spec
    percent = goal.target_percent
    target = Fraction(goal.target) if percent is None else Fraction(percent) / 100  # type: ignore[arg-type]  # one of the two is given, the model says so
    return Objective(
        name=slo.metadata.name,
        title=slo.metadata.display_name or slo.metadata.name,
        description=spec.description,
        service=spec.service,
        metric=query.metric,
        event_types=tuple(query.event_types),
        unit=query.unit,
        threshold=_threshold(slo, settings),
        target=target,
        percentile=int(target * 100) if (target * 100).denominator == 1 else None,
        minimum_events=int(
            settings.text("minimum_events") or math.ceil(Fraction(10) / (1 - target))
        ),
        sources=settings.sources(),
        window_days=_period_days(spec.time_window[0].duration, document, settings),
        shown_windows=settings.shown_windows(),
        tiers=settings.tiers(),
        alert_minimum_bad_events=int(settings.text("alert_minimum_bad_events") or 10),
        maintenance=settings.maintenance(),
    )


def _threshold(slo: Slo, settings: _Settings) -> Threshold:
    goal = slo.spec.objectives[0]
    low = slo.metadata.annotations.band_low
    if low is None:
        return Threshold(goal.op, value=float(goal.value))
    if goal.op != "lte" or float(low) > float(goal.value):
        settings.report("band_low", "needs op: lte and a value that is not below it")
    return Threshold("band", low=float(low), high=float(goal.value))


def _period_days(duration: str, document: Document, settings: _Settings) -> int:
    period = windows.parse_duration(duration)
    days = period // timedelta(days=1)
    if period % timedelta(days=1) or not windows.FEWEST_DAYS <= days <= windows.MOST_DAYS:
        message = f"{duration!r} is not a period; allowed: {windows.ALLOWED}"
        settings.problems.append(document.problem(("spec", "timeWindow", 0, "duration"), message))
    return days


def _list(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def _closest(name: str, known: Any) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"did you mean {close[0]!r}?" if close else f"known: {', '.join(known)}"


def _validated(model: Any, document: Document, problems: list[Problem]) -> Any:
    """Validate a document; on mistakes note each with its line and give None."""
    validate = model.validate_python if isinstance(model, TypeAdapter) else model.model_validate
    try:
        return validate(document.content)
    except ValidationError as error:
        for mistake in error.errors(include_url=False):
            path: DocumentPath = tuple(mistake["loc"])
            problems.append(document.problem(path, *_explain(path, mistake)))
        return None


def _explain(path: DocumentPath, mistake: Any) -> tuple[str, str]:
    match mistake["type"]:
        case "extra_forbidden":
            return "unknown field", _closest(str(path[-1]), _field_names())
        case "missing":
            return "missing", ""
        case _:
            message, given = str(mistake["msg"]).removeprefix("Value error, "), mistake["input"]
            if isinstance(given, dict | list):
                return message, ""
            return f"{message}, not {str(given)[:60]}", ""


def _field_names() -> list[str]:
    """Every field name that a document may hold."""
    models = SpecModel.__subclasses__()
    fields = [item for model in models for item in model.model_fields.items()]
    return sorted({field.alias or name for name, field in fields})
