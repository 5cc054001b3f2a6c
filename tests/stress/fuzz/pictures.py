"""Small valid pictures of many kinds, which user_files.py changes."""

import contextlib
import gzip
import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from random import Random

import numpy as np
from PIL import Image, ImageSequence

from digitpad.core.ink.rasterize import draw_polylines

_SIDE = 32
# What each mode needs in addition to a grey picture.
_MODES = ("1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "YCbCr", "I", "I;16", "F")
_TIFFS = ("raw", "packbits", "tiff_lzw", "tiff_adobe_deflate", "jpeg", "group3", "group4")
RUBBISH = (
    b"",
    b"\x00",
    b"this is no picture\n",
    b"<!DOCTYPE html><html><body>not found</body></html>",
    b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><image href='file:///etc/passwd'/></svg>",
    b"<?xml version='1.0'?><!DOCTYPE s [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;&a;'>]><svg>&b;</svg>",
    gzip.compress(b"<svg xmlns='http://www.w3.org/2000/svg'/>", mtime=0),
    b"PK\x03\x04" + bytes(60),
    b"\x7fELF" + bytes(60),
    b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n",
    b"#!/bin/sh\ntouch /tmp/owned\n",
    b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n(x) run\nshowpage\n",
    b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94\x93\x94.",
)


def whole_pictures() -> list[bytes]:
    """Return a small drawing in every mode of every format that Pillow writes, and in some that it only reads."""
    Image.init()
    found = [content for format_ in sorted(Image.SAVE) for content in _saved_in(format_)]
    return [*found, *_with_options(), *_animations(), *_by_hand(), *_texts()]


def with_right_checksums(png: bytes) -> bytes:
    """Return a PNG file with corrected checksums of its chunks, as far as chunks are recognisable."""
    fixed, place = bytearray(png[:8]), 8
    while place + 12 <= len(png):
        length = int.from_bytes(png[place : place + 4], "big")
        if place + 12 + length > len(png):
            break
        body = png[place + 4 : place + 8 + length]
        fixed += png[place : place + 4] + body + zlib.crc32(body).to_bytes(4, "big")
        place += 12 + length
    return bytes(fixed + png[place:])


def huge_picture(draw: Random) -> bytes:
    """Return a small valid file with up to 20,000 px per side."""
    wanted = draw.choice(("PNG", "PNG", "PNG", "JPEG", "JPEG", "TIFF", "GIF", "WEBP", "AVIF", "JPEG2000"))
    if wanted == "PNG":
        return _huge_png(draw)
    width, height = (
        draw.choice((2000, 4000, 6000) if wanted in ("WEBP", "AVIF", "JPEG2000") else (5000, 9000, 12_000))
        for _ in range(2)
    )
    options: dict[str, object] = {
        "JPEG": {"progressive": draw.random() < 0.5},
        "TIFF": {"compression": draw.choice(("tiff_adobe_deflate", "tiff_lzw", "packbits"))},
        "WEBP": {"lossless": True, "method": 0},
        "AVIF": {"speed": 10},
    }.get(wanted, {})
    return _saved(Image.new(draw.choice(("L", "RGB")), (width, height)), wanted, **options) or b""


def _huge_png(draw: Random) -> bytes:
    width, height = (draw.choice((1, 2, 300, 5000, 9000, 12_000, 20_000)) for _ in range(2))
    depth, colour, channels = draw.choice(
        ((1, 0, 1), (8, 0, 1), (16, 0, 2), (8, 2, 3), (8, 3, 1), (8, 6, 4), (16, 6, 8))
    )
    row = b"\x00" + bytes((width * channels * depth + 7) // 8 if depth == 1 else width * channels)
    squeezed = zlib.compressobj(1)
    data = b"".join(squeezed.compress(row) for _ in range(height)) + squeezed.flush()
    chunks = [(b"IHDR", struct.pack(">2I5B", width, height, depth, colour, 0, 0, 0))]
    chunks += [(b"PLTE", bytes(768))] if colour == 3 else []
    chunks += [(b"IDAT", data), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in chunks)


def _chunk(name: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")


def _seven(side: int = _SIDE) -> Image.Image:
    points = np.array([[0.2, 0.2], [0.8, 0.2], [0.4, 0.9]]) * side
    return Image.fromarray(np.round(255 - 255 * draw_polylines([points], side / 9, side)).astype(np.uint8))


def _in_mode(mode: str) -> Image.Image:
    seven = _seven()
    if mode == "I;16":
        return Image.fromarray(np.asarray(seven).astype(np.uint16) * 257)
    if mode == "F":
        return Image.fromarray(np.asarray(seven).astype(np.float32))
    return seven.convert("RGB").convert(mode) if mode in ("CMYK", "YCbCr", "P") else seven.convert(mode)


def _saved_in(format_: str) -> Iterator[bytes]:
    for mode in _MODES:
        if (content := _saved(_in_mode(mode), format_)) is not None:
            yield content


def _saved(picture: Image.Image, format_: str, **options: object) -> bytes | None:
    """Return the file, or None if Pillow does not support the combination."""
    file = io.BytesIO()
    with contextlib.suppress(Exception), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        picture.save(file, format_, **options)
        return file.getvalue() or None
    return None


def _with_options() -> Iterator[bytes]:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E], exif[0x9286] = 6, "drawn", b"ASCII\0\0\0x"
    wanted = [
        *(
            (_in_mode("RGB"), "JPEG", {"progressive": True}),
            (_in_mode("CMYK"), "JPEG", {}),
            (_in_mode("L"), "JPEG", {"exif": exif}),
        ),
        *((_in_mode("P"), "PNG", {"transparency": 0}), (_in_mode("RGB"), "PNG", {"transparency": (255, 255, 255)})),
        *((_in_mode("RGBA"), "PNG", {"exif": exif, "icc_profile": bytes(200)}), (_in_mode("P"), "PNG", {"bits": 2})),
        *((_in_mode("RGB"), "WEBP", {"lossless": True}), (_in_mode("RGBA"), "WEBP", {"exif": exif})),
        *((_in_mode("RGB"), "BMP", {}), (_in_mode("P"), "GIF", {"transparency": 0, "interlace": 1})),
        *((_in_mode("RGB"), "TGA", {"compression": "tga_rle"}), (_in_mode("L"), "SGI", {"rle": True})),
        *((_in_mode("RGB"), "JPEG2000", {"no_jp2": True}), (_in_mode("RGB"), "JPEG2000", {"tile_size": (16, 16)})),
        *((_in_mode("RGB"), "DDS", {"pixel_format": kind}) for kind in ("DXT1", "DXT3", "DXT5", "BC2", "BC3", "BC5")),
        *((_in_mode(mode), "TIFF", {"compression": kind}) for kind in _TIFFS for mode in ("1", "L", "RGB", "F")),
    ]
    found = (_saved(picture, format_, **options) for picture, format_, options in wanted)
    yield from (content for content in found if content is not None)


def _animations() -> Iterator[bytes]:
    frames = [_in_mode("RGB").rotate(angle) for angle in (0, 40, 80)]
    for format_ in ("GIF", "PNG", "WEBP", "TIFF", "AVIF", "MPO"):
        more = {"save_all": True, "append_images": frames[1:]}
        if (content := _saved(frames[0], format_, **more)) is not None:
            yield content
    assert list(ImageSequence.Iterator(frames[0]))


def _texts() -> Iterator[bytes]:
    grey = np.asarray(_seven(8))
    numbers = " ".join(map(str, grey.ravel())).encode()
    yield b"P2\n# drawn\n8 8\n255\n" + numbers
    yield b"P3\n8 8\n65535\n" + b" ".join([numbers] * 3)
    yield b"P1\n8 8\n" + b" ".join(b"%d" % (value < 128) for value in grey.ravel())
    yield b"Pf\n8 8\n-1.0\n" + grey.astype("<f4").tobytes()
    yield b"P7\nWIDTH 8\nHEIGHT 8\nDEPTH 1\nMAXVAL 255\nTUPLTYPE GRAYSCALE\nENDHDR\n" + grey.tobytes()
    rows = ",\n".join('"' + "".join(".#"[int(value < 128)] for value in row) + '"' for row in grey)
    yield f'/* XPM */\nstatic char *x[] = {{\n"8 8 2 1",\n". c #FFFFFF",\n"# c #000000",\n{rows}}};\n'.encode()
    cards = ["SIMPLE  =                    T", "BITPIX  =                    8", "NAXIS   =                    2"]
    cards += ["NAXIS1  =                    8", "NAXIS2  =                    8", "END"]
    yield "".join(card.ljust(80) for card in cards).encode().ljust(2880) + grey.tobytes().ljust(2880, b"\0")


def _by_hand() -> Iterator[bytes]:
    """Make files in formats that Pillow reads and does not write."""
    grey = np.asarray(_seven())
    flat, side = grey.tobytes(), _SIDE
    yield struct.pack(">8I", 0x59A66A95, side, side, 8, len(flat), 1, 0, 0) + flat  # Sun raster
    yield struct.pack(">7I", 28 + 6, 2, side, side, 1, 0x47494D50, 10) + b"brush\0" + flat  # GIMP brush
    yield b"P7 332\n#END_OF_COMMENTS\n%d %d 255\n" % (side, side) + flat  # XV thumbnail
    yield b"8BPS" + struct.pack(">H6xHIIHH", 1, 1, side, side, 8, 1) + bytes(12) + bytes(2) + flat  # Photoshop
    yield b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, side, side, 8, 3) + bytes(12) + bytes(2) + flat * 3
    if dib := _saved(_in_mode("RGB"), "DIB"):
        doubled = dib[:8] + struct.pack("<i", 2 * side) + dib[12:]
        yield struct.pack("<3H4B2H2I", 0, 2, 1, side, side, 0, 0, 0, 0, len(doubled), 22) + doubled  # cursor
    if pcx := _saved(_in_mode("RGB"), "PCX"):
        yield struct.pack("<3I", 987654321, 12, 0) + pcx  # DCX
    palette = struct.pack("<IHHBB", 2 + 4 + 768 + 6, 4, 1, 0, 0)[:6] + struct.pack("<HBB", 1, 0, 0) + bytes(768)
    frame = struct.pack("<IH", 6 + len(flat), 16) + flat
    body = struct.pack("<IHH8x", 16 + len(palette) + len(frame), 0xF1FA, 2) + palette + frame
    yield struct.pack("<IHHHHHHI", 128 + len(body), 0xAF11, 1, side, side, 8, 3, 70).ljust(128, b"\0") + body  # FLI
    yield b"FTEX" + struct.pack("<9i", 0, side, side, 1, 1, 1, 40, len(flat) * 3, 0) + flat * 3
    yield (
        b"\x80\xe8\x00\x00".ljust(416, b"\0")
        + struct.pack("<2H", side, side)
        + bytes(4)
        + struct.pack("<2H", 0xE, 8).ljust(600, b"\0")
        + flat * 3
    )
