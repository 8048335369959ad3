"""Electronic seals in OFD files: what of a file a seal covers, and the file with the seal in it (GB/T 33190, Signs).

A seal signs the SM3 of a description, which names every part of the file with its own SM3. The list of seals stands in
the file from the first, empty, and is the one part that is not covered: putting a seal changes nothing under it. Names
and order of the elements are recalled, not read.
"""

import base64
import io
import zipfile
from datetime import datetime
from typing import Final
from xml.etree.ElementTree import Element, SubElement

from cryptography.hazmat.primitives.hashes import SM3, Hash
from defusedxml import ElementTree

from tonnebook.faces import ofd, packages

LIST: Final = f"{ofd.DOCUMENT}/Signs/Signatures.xml"
DESCRIPTION: Final = f"{ofd.DOCUMENT}/Signs/Sign_0/Signature.xml"
VALUE: Final = f"{ofd.DOCUMENT}/Signs/Sign_0/SignedValue.dat"
_SM3_NAME, _SM2_WITH_SM3_NAME = "1.2.156.10197.1.401", "1.2.156.10197.1.501"
# Where the picture of the seal is drawn: at the right of the last page, as wide as the seal of a city's body.
_PLACE: Final = "142 215 42 42"


def description(file: bytes, *, issued_at: datetime) -> bytes:
    """Describe a file for a seal: every part but the list of seals, with its SM3; the same file gives the same bytes.

    Args:
        file: an OFD file as `faces.ofd.letter` makes it.
        issued_at: when the paper was issued.

    Source: design choice, no legal source; the form is that of GB/T 33190-2016, 18.2, as recalled.
    """
    parts = _parts(file)
    root = Element(ofd.name("Signature"))
    info = SubElement(root, ofd.name("SignedInfo"))
    SubElement(info, ofd.name("Provider"), {"ProviderName": "tonnebook"})
    ofd.tell(info, SignatureMethod=_SM2_WITH_SM3_NAME, SignatureDateTime=issued_at.isoformat())
    covered = SubElement(info, ofd.name("References"), {"CheckMethod": _SM3_NAME})
    for path, content in parts.items():
        if path != LIST:
            reference = SubElement(covered, ofd.name("Reference"), {"FileRef": f"/{path}"})
            ofd.tell(reference, CheckValue=base64.b64encode(sm3(content)).decode())
    last = list(ElementTree.fromstring(parts[f"{ofd.DOCUMENT}/Document.xml"]).iter(ofd.name("Page")))[-1]
    SubElement(info, ofd.name("StampAnnot"), {"ID": "1", "PageRef": last.get("ID", ""), "Boundary": _PLACE})
    ofd.tell(root, SignedValue=f"/{VALUE}")
    return ofd.written(root)


def sealed(file: bytes, *, issued_at: datetime, value: bytes) -> bytes:
    """Put an electronic seal into a file; the same file and seal give the same bytes.

    Args:
        file: an OFD file as `faces.ofd.letter` makes it.
        issued_at: when the paper was issued.
        value: the seal in DER, over the SM3 of the description.

    Source: design choice, no legal source; the form is that of GB/T 33190-2016, 18.2, as recalled.
    """
    seals = Element(ofd.name("Signatures"))
    ofd.tell(seals, MaxSignId="1")
    SubElement(seals, ofd.name("Signature"), {"ID": "1", "Type": "Seal", "BaseLoc": f"/{DESCRIPTION}"})
    added = {LIST: ofd.written(seals), DESCRIPTION: description(file, issued_at=issued_at), VALUE: value}
    return packages.packed(({**_parts(file), **added}).items())


def sm3(content: bytes) -> bytes:
    """Digest something, 32 bytes. Source: design choice, no legal source; GB 32905."""
    running = Hash(SM3())
    running.update(content)
    return running.finalize()


def _parts(file: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        return {path: archive.read(path) for path in archive.namelist()}
