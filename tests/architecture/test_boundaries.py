"""Rules of the house that import-linter cannot express; the others are in pyproject.toml."""

from tests.architecture.source import PACKAGES, Module, module_names, modules

SQL_STATEMENTS = {"delete", "insert", "select", "text", "update"}
SQL_PLACES = ("api.storage.", "slo.rollup")
ENVIRONMENT = {"os.environ", "os.environb", "os.getenv"}
CLOCKS = {
    "date.today",
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.now",
    "datetime.utcnow",
}
CLOCK_PLACES = {
    "api.app",  # the service's clock, which requests are given
    "api.auth.commands",
    "api.imports.commands",  # a command is its own request
    "api.demo.commands",
}
LOAD_TESTS_KNOW = ("slo.evaluation", "slo.gate", "slo.objectives", "slo.present", "slo.regression")


def test_sql_is_written_in_queries_and_in_storage_only() -> None:
    elsewhere = {
        f"{module.name} imports sqlalchemy.{found.name}"
        for module in modules("api", "slo")
        for found in module.imports()
        if found.module == "sqlalchemy" and found.name in SQL_STATEMENTS
        if "queries" not in module.name and not module.name.startswith(SQL_PLACES)
    }
    assert elsewhere == set()


def test_capabilities_never_use_each_others_queries() -> None:
    crossings = {
        f"{module.name} imports {target}"
        for module in modules("api")
        for target in _imported_modules(module)
        if target.startswith("api.") and "queries" in target.rpartition(".")[2]
        if _room(target) != _room(module.name)
    }
    assert crossings == set()


def test_only_the_settings_read_the_environment() -> None:
    readers = {
        module.name
        for module in modules(*PACKAGES)
        if ENVIRONMENT & {*module.attributes()}
        or any(
            found.module == "os" and found.name in {"environ", "getenv"}
            for found in module.imports()
        )
    }
    assert readers == {"api.settings"}


def test_only_the_edges_look_at_the_clock() -> None:
    lookers = {
        module.name
        for module in modules("api", "slo", "telemetry")
        if CLOCKS & {*module.attributes()}
    }
    assert lookers - CLOCK_PLACES == set()


def test_load_tests_know_of_slo_only_what_judges_them() -> None:
    known = {
        target
        for module in modules("loadtests")
        for target in _imported_modules(module)
        if target.startswith("slo.")
    }
    assert {target for target in known if not target.startswith(LOAD_TESTS_KNOW)} == set()


def _imported_modules(module: Module) -> set[str]:
    """Modules named in imports; ``from api.alerts import queries`` names ``api.alerts.queries``."""
    return {
        f"{found.module}.{found.name}" if _is_module(found.module, found.name) else found.module
        for found in module.imports()
    }


def _is_module(package: str, name: str | None) -> bool:
    return f"{package}.{name}" in module_names()


def _room(name: str) -> str:
    return name.split(".")[1]
