"""YAML documents whose every value remembers its line, so that an error can name it."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import yaml

MAX_CHARACTERS = 1_000_000
MAX_NODES = 100_000

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """One mistake in a file: where, what, and what to do about it."""

    file: str
    line: int
    where: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        """Give ``file:line: where: message (hint)``, as editors and CI logs parse it."""
        place = f"{self.file}:{self.line}: " + (f"{self.where}: " if self.where else "")
        return place + self.message + (f" ({self.hint})" if self.hint else "")


class SpecError(Exception):
    """A file of objectives is wrong; ``problems`` says where and how."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True)
class Document:
    """One YAML document: plain values (decimal numbers exact) and the lines they stand on."""

    file: str
    first_line: int
    content: Any
    lines: dict[Path, int]

    def line(self, path: Path) -> int:
        """The line of ``path``, or of its nearest parent that is written down."""
        while path not in self.lines and path:
            path = path[:-1]
        return self.lines.get(path, self.first_line)

    def problem(self, path: Path, message: str, hint: str = "") -> Problem:
        """One mistake at ``path`` of this document."""
        where = ".".join(str(part) for part in path)
        return Problem(self.file, self.line(path), where, message, hint)


def parse(text: str, file: str) -> list[Document]:
    """Read every document of ``text``. Raises SpecError on what is not clean YAML."""
    if len(text) > MAX_CHARACTERS:
        raise SpecError([Problem(file, 1, "", f"more than {MAX_CHARACTERS:,} characters")])
    try:
        roots = [root for root in yaml.compose_all(text, yaml.SafeLoader) if root is not None]
        return [_document(root, file) for root in roots]
    except RecursionError:  # also where an alias stands in what it names
        raise SpecError([Problem(file, 1, "", "nested too deeply")]) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "not YAML"
        line = mark.line + 1 if mark else 1
        raise SpecError([Problem(file, line, "", f"not valid YAML: {reason}")]) from error


def _document(root: yaml.Node, file: str) -> Document:
    reader = _Reader(file)
    content = reader.read(root, ())
    if reader.problems:
        raise SpecError(reader.problems)
    return Document(file, root.start_mark.line + 1, content, reader.lines)


class _Reader:
    """Turns YAML nodes into values, noting each one's line."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[Path, int] = {}
        self.problems: list[Problem] = []
        self._nodes_read = 0

    def read(self, node: yaml.Node, path: Path) -> Any:
        self._nodes_read += 1
        if self._nodes_read > MAX_NODES:  # aliases of aliases grow without bound
            raise SpecError([self._problem(node, path, f"more than {MAX_NODES:,} values")])
        self.lines[path] = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(child, (*path, index)) for index, child in enumerate(node.value)]
        assert isinstance(node, yaml.ScalarNode)
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, child in node.value:
            key = str(key_node.value)
            if key in result:
                self.problems.append(self._problem(key_node, (*path, key), "given twice"))
            result[key] = self.read(child, (*path, key))
            self.lines[(*path, key)] = key_node.start_mark.line + 1
        return result

    def _scalar(self, node: yaml.ScalarNode, path: Path) -> Any:
        text = node.value.replace("_", "")
        try:
            match node.tag.removeprefix("tag:yaml.org,2002:"):
                case "int":
                    return int(text, 10)
                case "float":
                    return Decimal(text)  # 0.95 is nineteen twentieths, not its nearest double
                case "bool":
                    return text.lower() in ("true", "yes", "on")
                case "null":
                    return None
                case _:
                    return node.value
        except (ValueError, InvalidOperation):
            self.problems.append(self._problem(node, path, f"{node.value!r} is not a plain number"))
            return None

    def _problem(self, node: yaml.Node, path: Path, message: str) -> Problem:
        where = ".".join(str(part) for part in path)
        return Problem(self.file, node.start_mark.line + 1, where, message)
