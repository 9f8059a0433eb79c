"""What a command left behind when it ended."""

import json
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str

    @property
    def json(self) -> dict[str, object]:
        """What was printed for programs."""
        content: dict[str, object] = json.loads(self.stdout)
        return content


Execdash = Callable[..., Done]
