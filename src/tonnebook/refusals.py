"""The page of everything the system can refuse, made from the closed enums of the core: `docs/refusals.md`."""

import importlib
import pkgutil
from collections.abc import Iterator

from tonnebook import core
from tonnebook.core.errors import Refusal

HEAD = """# Refusals: every no, its reason and its article

Made by `./tonnebook refusals`; a test keeps this page equal to the code. Within one table the order is the order of
precedence: when several refusals apply, the first one is given. *again* marks those that may succeed later unchanged.
"""


def enums() -> tuple[type[Refusal], ...]:
    """List every refusal enum of the core, module by module.

    Returns:
        Enums in order of their module's name, then of declaration.
    """
    modules = [importlib.import_module(name) for name in _module_names()]
    found = [
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Refusal) and value is not Refusal
        if value.__module__ == module.__name__
    ]
    return tuple(found)


def page() -> str:
    """Write the page: one table per enum."""
    return HEAD + "".join(_table(enum) for enum in enums())


def _module_names() -> Iterator[str]:
    for module in pkgutil.walk_packages(core.__path__, f"{core.__name__}."):
        yield module.name


def _table(enum: type[Refusal]) -> str:
    place = enum.__module__.removeprefix("tonnebook.").replace(".", "/")
    rows = "".join(_row(code) for code in enum)
    columns = "| code | 中文 | English | article | HTTP | again |\n|---|---|---|---|---|---|\n"
    return f"\n## {enum.__name__} (`{place}`)\n\n{columns}{rows}"


def _row(code: Refusal) -> str:
    sentence = code.sentence
    again = "yes" if sentence.transient else ""
    return f"| {code.name} | {sentence.zh} | {sentence.en} | {sentence.article} | {sentence.status} | {again} |\n"
