"""Contact sheets: every pixel of a sample is on them, and the pages hold all samples."""

import re
from math import ceil
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMarginsF, QSizeF
from PySide6.QtGui import QImage, QPageLayout, QPainter
from PySide6.QtPrintSupport import QPrinter

from digitpad.core.errors import DigitpadError
from digitpad.core.evaluation.samples import Samples
from digitpad.gui.export.contact_sheet import print_sheet, sheet_image
from digitpad.gui.export.sheet_pages import MAX_SAMPLES, ContactSheet
from digitpad.gui.theme.theme import Appearance, Themes
from digitpad.gui.widgets.ink_painting import rgba_pixels
from tests.helpers.noise_samples import noise_samples, with_notes

pytestmark = pytest.mark.usefixtures("themes")


def grey_of(image: QImage) -> np.ndarray:
    pixels = rgba_pixels(image)
    assert np.array_equal(pixels[..., 0], pixels[..., 2])
    return pixels[..., 0]


def places_of(sheet: np.ndarray, sample: np.ndarray, times: int) -> list[tuple[int, int]]:
    """Return the (x, y) of the corners where a sample is on a sheet, each pixel `times` px wide."""
    wanted = np.kron(255 - sample, np.ones((times, times), np.uint8))
    height, width = wanted.shape
    # First search a middle row; no part of the noise occurs twice.
    row = height // 2
    found = []
    for y in range(sheet.shape[0] - height + 1):
        windows = np.lib.stride_tricks.sliding_window_view(sheet[y + row], width)
        found += [
            (int(x), y)
            for x in np.flatnonzero((windows == wanted[row]).all(axis=1))
            if np.array_equal(sheet[y : y + height, x : x + width], wanted)
        ]
    return found


def printed(samples: Samples, indices: np.ndarray, path: Path, *, landscape: bool = False) -> bytes:
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(path))
    printer.setPageMargins(QMarginsF(12, 12, 12, 12), QPageLayout.Unit.Millimeter)
    if landscape:
        printer.setPageOrientation(QPageLayout.Orientation.Landscape)
    print_sheet(printer, samples, indices, "Wrong, most confident first")
    return path.read_bytes()


def page_count(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


def test_every_pixel_of_a_sample_is_on_the_sheet_in_order() -> None:
    samples, chosen = noise_samples(), [5, 0, 41, 7, 3]
    sheet = grey_of(sheet_image(samples, chosen, "Wrong"))
    places = [places_of(sheet, samples.digits.images[index], 6) for index in chosen]
    assert [len(found) for found in places] == [1] * 5
    corners = [found[0] for found in places]
    assert corners == sorted(corners, key=lambda corner: (corner[1], corner[0]))
    assert len({y for _, y in corners}) == 2


def test_small_digits_are_as_sharp_as_large_ones() -> None:
    samples = noise_samples(size=(8, 8), peak=16)
    assert len(places_of(grey_of(sheet_image(samples, [4], "")), samples[4].full_scale, 21)) == 1


def test_a_sheet_is_the_same_in_both_themes(themes: Themes) -> None:
    sheets = []
    for appearance in (Appearance.LIGHT, Appearance.DARK):
        themes.set_appearance(appearance)
        sheets.append(grey_of(sheet_image(noise_samples(), range(9), "Wrong")))
    assert np.array_equal(*sheets)
    edges = np.concatenate([sheets[0][0], sheets[0][-1], sheets[0][:, 0], sheets[0][:, -1]])
    assert (edges == 255).all()


def test_a_mark_and_a_mistake_among_right_answers_are_visible() -> None:
    samples = noise_samples()
    assert samples.evaluation is not None
    right, wrong = np.flatnonzero(samples.evaluation.is_right), np.flatnonzero(~samples.evaluation.is_right)

    def ink_of(chosen: list[int], samples: Samples = samples) -> int:
        """Return the amount of ink in the caption's first line under the last thumbnail."""
        sheet = grey_of(sheet_image(samples, chosen, "Some"))
        ((x, y),) = places_of(sheet, samples.digits.images[chosen[-1]], 6)
        return int((255 - sheet[y + 168 + 3 : y + 168 + 26, x : x + 168].astype(int)).sum())

    alone = ink_of([int(wrong[0]), int(wrong[1])])
    assert ink_of([int(right[0]), int(wrong[1])]) > 1.1 * alone
    assert ink_of([0]) < ink_of([0], with_notes(samples, [""]))


def test_a_picture_grows_downwards_and_holds_at_most_a_thousand_samples() -> None:
    samples = noise_samples(MAX_SAMPLES + 1)
    some, many = sheet_image(samples, range(100), "All"), sheet_image(samples, range(MAX_SAMPLES), "All")
    assert some.width() == many.width() == 10 * 192 - 24 + 1 + 96
    assert 9 < many.height() / some.height() < 10
    with pytest.raises(DigitpadError, match="holds 1,000 samples: select fewer, or export a folder"):
        sheet_image(samples, range(MAX_SAMPLES + 1), "All")
    with pytest.raises(DigitpadError, match="no sample to show"):
        sheet_image(samples, [], "All")


@pytest.mark.parametrize("models", [0, 1, 2])
def test_a_plot_has_five_columns_and_marks_mistakes_in_colour(models: int) -> None:
    samples = noise_samples(models=models)
    pixels = rgba_pixels(sheet_image(samples, range(25), "Random", 5)).astype(int)
    found = [places_of(pixels[..., 0].astype(np.uint8), samples.digits.images[index], 6) for index in range(25)]
    assert [len(places) for places in found] == [1] * 25
    corners = [places[0] for places in found]
    assert corners == sorted(corners, key=lambda corner: (corner[1], corner[0]))
    assert (len({x for x, _ in corners}), len({y for _, y in corners})) == (5, 5)
    for index, (x, y) in enumerate(corners):
        caption = pixels[y + 168 + 4 : y + 168 + 26, x : x + 168]
        is_wrong = samples.evaluation is not None and not samples.evaluation.is_right[index]
        assert (caption[..., 0] - caption[..., 2] > 60).any() == is_wrong
        assert (caption[..., 1] < 128).any()


@pytest.mark.parametrize("count", [1, 5, 16])
def test_pictures_of_plots_are_equally_wide(count: int) -> None:
    plots = [sheet_image(noise_samples(), range(some), "Random", columns) for some, columns in ((count, 4), (25, 5))]
    assert plots[0].width() == plots[1].width()


@pytest.mark.parametrize("title", ["Wrong", "A title that is far too long for one line of so narrow a sheet " * 3, ""])
def test_no_sample_is_cut_off_for_any_title(title: str) -> None:
    samples = noise_samples()
    sheet = grey_of(sheet_image(samples, range(7), title))
    places = [places_of(sheet, samples.digits.images[index], 6) for index in range(7)]
    assert [len(found) for found in places] == [1] * 7
    bottom = max(y for ((_, y),) in places) + 168
    assert (sheet[bottom + 3 : -48] < 128).any()
    assert (sheet[-40:] == 255).all()


def test_pages_hold_all_samples_once() -> None:
    samples = noise_samples()
    sheet = ContactSheet(samples, np.arange(60), "All", page=QSizeF(582, 842), unit=1, columns=6)
    found = []
    for number in range(sheet.page_count):
        image = QImage(582, 842, QImage.Format.Format_Grayscale8)
        image.fill(255)
        painter = QPainter(image)
        sheet.paint(painter, number)
        painter.end()
        pixels = grey_of(image)
        assert (pixels[:30] < 128).any()  # its heading
        # Here a cell is as wide as page and gap allow, and not a multiple of 28: count the dark pixels.
        found.append(round((pixels[60:] < 40).sum()))
    assert sheet.page_count == ceil(60 / 36)
    assert found[0] > 1.2 * found[1] > 0


def test_a_pdf_has_the_right_number_of_pages_and_no_jpeg(tmp_path: Path) -> None:
    samples = noise_samples(MAX_SAMPLES)
    counts = []
    for count, landscape in ((1, False), (64, False), (65, False), (64, True), (300, False)):
        pdf = printed(samples, np.arange(count), tmp_path / f"{count}{landscape}.pdf", landscape=landscape)
        assert pdf.startswith(b"%PDF-")
        assert b"DCTDecode" not in pdf
        counts.append(page_count(pdf))
    assert counts == [1, 1, 2, 2, ceil(300 / 64)]


def test_an_unwritable_pdf_is_reported(tmp_path: Path) -> None:
    printer = QPrinter()
    printer.setOutputFileName(str(tmp_path / "nowhere" / "a.pdf"))
    with pytest.raises(DigitpadError, match="another place for the PDF"):
        print_sheet(printer, noise_samples(), [1], "Wrong")
