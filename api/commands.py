"""What every command shares: one way to say that its user made a mistake."""

from pydantic import ValidationError
from typer import TyperException

from api.settings import Settings


class UserError(TyperException):
    """A mistake of the command's user: one clear line on stderr, exit code 2."""

    exit_code = 2


def read_settings() -> Settings:
    """Settings from the environment. Raises ``UserError`` naming each variable that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        mistakes = [_explain(item["loc"], item["msg"]) for item in error.errors()]
        raise UserError("; ".join(mistakes)) from None


def _explain(location: tuple[int | str, ...], reason: str) -> str:
    # The value itself is not repeated: a database URL carries a password.
    field = str(location[0])
    allowed = Settings.model_fields[field].description or ""
    variable = f"EXECDASH_{field.upper()}"
    return f"{variable}: {reason.removeprefix('Value error, ')} ({allowed.rstrip('.')})"
