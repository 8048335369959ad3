"""Methods of the rule book: what they are (`definition`), how a formula reads, and how a line is computed by one.

`quantities` holds the units of reports, `refusals` what can be refused. The words of a method are data of the rule
book; nothing here knows a number of the law.
"""

from tonnebook.core.methods.definition import (
    Boundary,
    Definition,
    Input,
    LineKind,
    MethodSet,
    Need,
    SetStatus,
    set_of,
    version_of,
)
from tonnebook.core.methods.engine import Calculator, Given, compute, problems
from tonnebook.core.methods.refusals import MrvRefusal

__all__ = [
    "Boundary",
    "Calculator",
    "Definition",
    "Given",
    "Input",
    "LineKind",
    "MethodSet",
    "MrvRefusal",
    "Need",
    "SetStatus",
    "compute",
    "problems",
    "set_of",
    "version_of",
]
