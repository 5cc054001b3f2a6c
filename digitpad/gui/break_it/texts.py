"""What the window says about distortions."""

from PySide6.QtCore import QCoreApplication

from digitpad.core.ink.distortion import Normalisation
from digitpad.core.translation import percent
from digitpad.gui.widgets.sentences import with_minus


def name_text(name: str) -> str:
    """Return the name of a distortion, one of `SPANS`."""
    return {
        "rotation": _tr("Rotate"),
        "shift_x": _tr("Shift sideways"),
        "shift_y": _tr("Shift down"),
        "scale": _tr("Scale"),
        "pen": _tr("Pen width"),
        "off_centre": _tr("Off-centre x"),
        "off_centre_y": _tr("Off-centre y"),
        "blur": _tr("Blur"),
        "contrast": _tr("Contrast"),
        "inverted": _tr("Inverted"),
        "noise": _tr("Noise"),
    }[name]


def curve_title(name: str, digit: int) -> str:
    """Return the title of the curve of a distortion, one of `SPANS`."""
    return {
        "rotation": _tr("Probability of {digit} when turned"),
        "shift_x": _tr("Probability of {digit} when moved sideways"),
        "shift_y": _tr("Probability of {digit} when moved down"),
        "scale": _tr("Probability of {digit} in other sizes"),
        "pen": _tr("Probability of {digit} with other pens"),
        "off_centre": _tr("Probability of {digit} when off-centre in x"),
        "off_centre_y": _tr("Probability of {digit} when off-centre in y"),
        "blur": _tr("Probability of {digit} when blurred"),
        "contrast": _tr("Probability of {digit} in other contrasts"),
        "inverted": _tr("Probability of {digit} when inverted"),
        "noise": _tr("Probability of {digit} with noise"),
    }[name].format(digit=digit)


def tip_text(name: str) -> str:
    """Return what a distortion does, and in which unit."""
    return {
        "rotation": _tr("Turns the ink around the middle of the pad, clockwise"),
        "shift_x": _tr("Moves the ink to the right, in 28ths of the pad"),
        "shift_y": _tr("Moves the ink down, in 28ths of the pad"),
        "scale": _tr("Makes the drawing larger or smaller; the pen stays as wide"),
        "pen": _tr("Width of the strokes"),
        "off_centre": _tr("Moves the 28x28 pixels to the right"),
        "off_centre_y": _tr("Moves the 28x28 pixels down"),
        "blur": _tr("Standard deviation of a Gaussian, in pixels of the 28x28"),
        "contrast": _tr("Distance of the pixels from mid-grey"),
        "inverted": _tr("Black ink on white paper"),
        "noise": _tr("Standard deviation of Gaussian noise; ink is 100 %"),
    }[name]


def value_text(name: str, value: float) -> str:
    """Return the amount of a distortion with its unit."""
    if name == "inverted":
        return _tr("on") if value else _tr("off")
    if name == "rotation":
        return with_minus(f"{value:.0f}°")
    if name in ("shift_x", "shift_y", "blur"):
        return with_minus(f"{value:.1f} px")
    if name in ("off_centre", "off_centre_y"):
        return with_minus(f"{value:.0f} px")
    return percent(value, 0)


def normalisation_names() -> dict[str, str]:
    """Return the names of the normalisations, from all steps to none."""
    return {
        Normalisation.ALL.value: _tr("All steps"),
        Normalisation.BOXED.value: _tr("No centre of mass"),
        Normalisation.CROPPED.value: _tr("No 20-px box"),
        Normalisation.SHRUNK.value: _tr("Merely shrunk"),
    }


def normalisation_text(normalisation: Normalisation) -> str:
    """Return what a normalisation does, and what that means for the models."""
    return {
        Normalisation.ALL: _tr(
            "Cropped to the ink, fitted into 20 px, centre of mass in the middle: as MNIST's images were made. Place, "
            "size and pen no longer matter."
        ),
        Normalisation.BOXED: _tr(
            "The ink fills the 20-px box, but its centre of mass is not moved: many digits are off by a pixel or two."
        ),
        Normalisation.CROPPED: _tr(
            "The ink fills all 28 px, drawn with its own pen. MNIST's digits fill 20 px, so every stroke is elsewhere."
        ),
        Normalisation.SHRUNK: _tr(
            "The whole pad becomes 28x28. A small, thin or moved digit is like none in MNIST: 99 % on MNIST, wrong on "
            "yours."
        ),
    }[normalisation]


def effect_text(name: str, normalisation: Normalisation) -> str:
    """Return why the models mind a distortion, or why they do not."""
    is_shrunk = normalisation is Normalisation.SHRUNK
    off_centre = _tr(
        "After normalisation: what a centre in the wrong place does. Each weight of softmax and of the MLP's first "
        "layer belongs to one pixel."
    )
    keeps_pen = is_shrunk or normalisation is Normalisation.CROPPED
    return {
        "rotation": _tr(
            "Not undone by normalisation. MNIST's digits stand upright; turned ones are read only as far as the models "
            "were trained on them."
        ),
        "shift_x": _shift_text(is_undone=not is_shrunk),
        "shift_y": _shift_text(is_undone=not is_shrunk),
        "scale": _tr("Not undone: the models know digits that are 20 px high.")
        if is_shrunk
        else _tr("Undone: the ink is fitted into the same box, however large it is."),
        "pen": _tr("Not undone: the strokes are thinner or thicker than those of MNIST.")
        if keeps_pen
        else _tr("Undone: the strokes are drawn again with MNIST's pen, 2.7 px wide."),
        "off_centre": off_centre,
        "off_centre_y": off_centre,
        "blur": _tr("After normalisation. A little is like MNIST's soft edges; more closes loops and gaps."),
        "contrast": _tr(
            "After normalisation. Low contrast is grey ink on grey paper, as in a photo; MNIST's paper is exactly 0."
        ),
        "inverted": _tr(
            "After normalisation: ink and paper change places. In MNIST ink is near 1 and paper is 0; digitpad inverts "
            "the pictures it opens where they are the other way round."
        ),
        "noise": _tr("After normalisation. MNIST's paper is exactly 0; noise adds something to each of the 784 sums."),
    }[name]


def _shift_text(*, is_undone: bool) -> str:
    if is_undone:
        return _tr("Undone: the image is cropped to the ink, wherever it is on the pad.")
    return _tr("Not undone: each weight of softmax belongs to one pixel, and moved ink meets other weights.")


def _tr(text: str) -> str:
    return QCoreApplication.translate("BreakIt", text)
