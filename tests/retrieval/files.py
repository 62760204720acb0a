"""Files that tests read, ordinary and hostile, made here and now."""

import io
import tempfile
import zipfile
import zlib

from benchmarks import bindery
from l2c.retrieval.reader import Reading, read

CONTENT_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
    'content-types"><Default Extension="xml" ContentType="application/xml"/></Types>'
)


def reading(content: bytes, name: str) -> Reading:
    """What the reader makes of a file."""
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        return read(file, name)


def pdf(*pages: str) -> bytes:
    """A PDF of these pages."""
    return bindery.pdf([list(page.split("\n")) for page in pages])


def scanned_pdf() -> bytes:
    """A PDF whose page draws a line and says nothing."""
    return bindery.pdf([[]])


def encrypted_pdf() -> bytes:
    """A PDF that asks for a password."""
    plain = pdf("Secret")
    standard = (
        b"<< /Filter /Standard /V 1 /R 2 /Length 40 /P -4 /O <" + b"41" * 32 + b"> /U <"
        + b"42" * 32 + b"> >>"
    )  # fmt: skip
    return plain.replace(b"/Root 1 0 R", b"/Root 1 0 R /ID [<61><61>] /Encrypt " + standard, 1)


def bombed_pdf(unpacked_bytes: int) -> bytes:
    """A PDF with a stream that unpacks to so many spaces."""
    packed = zlib.compress(b"BT /F1 9 Tf 1 1 Td (x) Tj ET " + b" " * unpacked_bytes)
    return (
        pdf("Hello")
        .replace(
            b"endobj\n4 0 obj\n",
            b"endobj\n9 0 obj\n<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream\n"
            b"endobj\n4 0 obj\n" % (len(packed), packed),
        )
        .replace(b"/Contents 4 0 R", b"/Contents 9 0 R")
    )


def docx(parts: dict[str, bytes]) -> bytes:
    """A zip that calls itself a DOCX."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", CONTENT_TYPES)
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()
