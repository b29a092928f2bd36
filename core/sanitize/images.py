"""Photographs and pictures: decoded and encoded anew, so that only pixels are left."""

import io

from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from core.sanitize.kinds import Code, Refused, Removed

MAX_PIXELS = 50_000_000  # a telephone of 48 megapixels; two copies in memory fit the sandbox
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
ImageFile.LOAD_TRUNCATED_IMAGES = False
_FORMATS = {"jpeg": "JPEG", "png": "PNG", "gif": "GIF"}


def clean(kind: str, content: bytes) -> tuple[bytes, set[Removed]]:
    try:
        with Image.open(io.BytesIO(content), formats=[_FORMATS[kind]]) as image:
            if image.width * image.height > MAX_PIXELS:
                raise Refused(Code.PIXELS)
            return _encode(image, _FORMATS[kind]), {Removed.METADATA}
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        raise Refused(Code.PIXELS) from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, KeyError, IndexError):
        raise Refused(Code.UNREADABLE) from None


def _encode(image: Image.Image, target: str) -> bytes:
    image.load()
    ImageOps.exif_transpose(image, in_place=True)  # the turn was metadata; now it is in the pixels
    image.info = {key: image.info[key] for key in ("transparency",) if key in image.info}
    if target == "JPEG" and image.mode not in ("L", "RGB"):
        image = image.convert("RGB")
    buffer = io.BytesIO()
    image.save(buffer, target, **({"quality": 90} if target == "JPEG" else {}))
    return buffer.getvalue()


def strip_jpeg(content: bytes) -> bytes:
    """A JPEG without its comments and application segments, pixels untouched; the two that tell colours stay.

    For pictures inside a PDF, where encoding anew would need their colour space. What is no JPEG comes back empty.
    """
    if not content.startswith(b"\xff\xd8"):
        return b""
    kept, at = bytearray(b"\xff\xd8"), 2
    while at + 4 <= len(content) and content[at] == 0xFF:
        marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        if marker == 0xDA:  # the picture itself begins
            end = content.rfind(b"\xff\xd9")
            return bytes(kept + content[at : end + 2 if end > at else None])
        if not (marker == 0xFE or 0xE1 <= marker <= 0xEF) or marker == 0xEE:
            kept += content[at : at + 2 + length]
        at += 2 + length
    return b""
