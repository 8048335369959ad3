"""Where a parameter is used: which functions of the program name its path.

The source text itself is read, so that the answer cannot be forgotten when a formula changes. A path that a function
puts together (`allocation.paid_share.{sector}`) counts for every parameter of that shape.
"""

import ast
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PACKAGE = Path(__file__).parent.parent
# Rooms that compute by the rules; pages and commands only show what these find.
_ROOMS = ("core", "emissions", "registry", "market", "compliance", "portal")
_PATH = re.compile(r"[a-z][a-z0-9_]*(\.([a-z0-9_]+|\*))+\.?")


@dataclass(frozen=True, slots=True)
class Use:
    """A function that reads a parameter: its module, its name, and the first sentence of what it says of itself."""

    module: str
    function: str
    summary: str


def uses(path: str) -> tuple[Use, ...]:
    """List the functions that name a parameter, by module and name.

    Args:
        path: path of a parameter.

    Returns:
        The functions; empty where nothing reads it yet.
    """
    found = {use for pattern, use in _named() if pattern.fullmatch(path)}
    return tuple(sorted(found, key=lambda use: (use.module, use.function)))


@functools.cache
def _named() -> tuple[tuple[re.Pattern[str], Use], ...]:
    found: list[tuple[re.Pattern[str], Use]] = []
    for file in (file for room in _ROOMS for file in sorted((_PACKAGE / room).rglob("*.py"))):
        module = ".".join(file.relative_to(_PACKAGE.parent).with_suffix("").parts)
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for function in tree.body:
            if isinstance(function, ast.FunctionDef | ast.ClassDef):
                use = Use(module, function.name, _summary(function))
                found.extend((_pattern(text), use) for text in set(_texts(function)) if _PATH.fullmatch(text))
    return tuple(found)


def _texts(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.JoinedStr):
            yield "".join(str(one.value) if isinstance(one, ast.Constant) else "*" for one in part.values)
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


# What is named up to a dot is the beginning of several parameters.
def _pattern(text: str) -> re.Pattern[str]:
    written = ".+".join(re.escape(part) for part in text.rstrip(".").split("*"))
    return re.compile(rf"{written}(\..+)?")


def _summary(node: ast.FunctionDef | ast.ClassDef) -> str:
    said = (ast.get_docstring(node) or "").partition("\n\n")[0]
    return " ".join(said.split())
