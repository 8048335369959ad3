"""ZIP packages without a day and without a machine: the same parts give the same bytes."""

import io
import zipfile
from collections.abc import Iterable
from typing import Final

# The first instant that a ZIP directory can name.
NO_DAY: Final = (1980, 1, 1, 0, 0, 0)


def packed(parts: Iterable[tuple[str, bytes]]) -> bytes:
    """Put parts into a package, in their order, uncompressed: what compressing gives differs between machines.

    Args:
        parts: path in the package, and content.
    """
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for path, content in parts:
            info = zipfile.ZipInfo(path, NO_DAY)
            info.create_system = 0
            archive.writestr(info, content)
    return file.getvalue()
