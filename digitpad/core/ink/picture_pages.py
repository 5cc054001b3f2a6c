"""The pages of a picture file: pages of a scan, frames of an animation, further pictures of a photo."""

from pathlib import Path

from PIL import Image

from digitpad.core.errors import DigitpadError

# More pages than this are not counted: a small file may claim any number of them.
_MAX_PAGES = 1000
# A frame of an animation may build on those before it: so many pixels take about a second.
_MAX_PIXELS_BEFORE = 200_000_000
_INDEPENDENT = ("TIFF", "MPO", "HEIF")
# Of a GIF of this size, bytes, all frames are counted.
_MAX_GIF_SIZE = 64 << 20
_SUBFILE_TYPE = 254  # a tag of TIFF; bit 0: a smaller copy of another page


def page_frames(picture: Image.Image, path: Path) -> list[int]:
    """Return the frame of each page of an opened picture, the one that is shown first; thumbnails are no pages."""
    first = picture.tell()
    if picture.format == "GIF":
        return list(range(_count_gif_frames(path)))
    if picture.format == "TIFF":
        return _tiff_frames(picture)
    if picture.format == "MPO":
        entries = getattr(picture, "mpinfo", {}).get(0xB002, ())
        kinds = [str(entry["Attribute"]["MPType"]) for entry in entries]
        return [first, *(frame for frame, kind in enumerate(kinds) if frame and "Thumbnail" not in kind)]
    count = min(int(getattr(picture, "n_frames", 1)), _MAX_PAGES)
    return [first, *(frame for frame in range(count) if frame != first)]


def turn_to_page(picture: Image.Image, path: Path, page: int) -> None:
    """Turn an opened picture to a page, from 1; raise DigitpadError if it has no such page."""
    if page == 1:
        return
    frames = page_frames(picture, path)
    if len(frames) == 1:
        raise one_page_error(path)
    if not 1 <= page <= len(frames):
        raise DigitpadError("{path} has no page {page}: choose one from 1 to {n}", path=path, page=page, n=len(frames))
    frame = frames[page - 1]
    if picture.format not in _INDEPENDENT and frame * picture.width * picture.height > _MAX_PIXELS_BEFORE:
        raise DigitpadError(
            "page {page} of {path} has too many pages before it: save it as a picture of its own", path=path, page=page
        )
    picture.seek(frame)


def one_page_error(path: Path) -> DigitpadError:
    """Return the error for a page of a file that has only one."""
    return DigitpadError("{path} has only one page: choose page 1", path=path)


def _tiff_frames(picture: Image.Image) -> list[int]:
    """Count by turning the pages: Pillow's own count takes minutes for a small file of very many pages."""
    frames = [0]
    for frame in range(1, _MAX_PAGES):
        try:
            picture.seek(frame)
        except Exception:  # the last page was passed, or the next one is damaged
            break
        if not getattr(picture, "tag_v2", {}).get(_SUBFILE_TYPE, 0) & 1:
            frames.append(frame)
    picture.seek(0)
    return frames


def _count_gif_frames(path: Path) -> int:
    """Count the image blocks of a GIF; Pillow would decode every frame, or read any number of them."""
    with path.open("rb") as file:
        content = file.read(_MAX_GIF_SIZE)
    place, count = 13 + _palette_size(content[10]), 0
    while place + 10 < len(content) and count < _MAX_PAGES and content[place] in b"!,":
        if content[place] == ord(","):
            count += 1
            place += 11 + _palette_size(content[place + 9])
        else:
            place += 2
        while place < len(content) and content[place]:
            place += content[place] + 1
        place += 1
    return max(1, count)


def _palette_size(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0
