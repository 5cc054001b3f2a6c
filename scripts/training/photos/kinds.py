"""All kinds of generated pictures.

The strokes are real; paper, pens, light, camera and programs are drawn. A picture depends on its kind, its content and
the random generator alone: the same seed gives the same bytes with the same versions of NumPy and Pillow.
"""

from collections.abc import Callable, Sequence

from photos import light, screens
from photos.pens import USUAL
from photos.photo import Order, Photo
from photos.scenes import Scene, photo_of
from photos.writing import Content, Hand, Rng


def make_photo(kind: str, content: Content, hands: Sequence[Hand], rng: Rng) -> Photo:
    """Make a picture.

    Parameters
    ----------
    kind
        A key of `KINDS`.
    content
        What is written; see `photo_writing.write`. `CONTENTS` says what suits a kind.
    hands
        The drawings of each writer.
    rng
        Random generator.

    """
    return KINDS[kind](Order(kind, content, hands, rng))


# How often a mixed picture has a surface.
_SURFACES = {
    "paper": 0.25,
    "grain": 0.1,
    "coloured": 0.05,
    "creased": 0.05,
    "ruled": 0.17,
    "squared": 0.12,
    "box": 0.05,
    "boxes": 0.05,
    "whiteboard": 0.08,
    "blackboard": 0.08,
}


def _mixed(order: Order) -> Photo:
    """Combine surface, pen, light, thing and angle at random."""
    rng = order.rng
    surface = str(rng.choice(list(_SURFACES), p=list(_SURFACES.values())))
    pens = {"whiteboard": ("board marker",), "blackboard": ("chalk",)}.get(
        surface, (*USUAL, "uneven pen", "highlighter")
    )
    thing = str(rng.choice(["", "dark thing", "sliver", "neighbours", "back"], p=[0.5, 0.2, 0.1, 0.12, 0.08]))
    lights = tuple(light.LIGHTS) if rng.random() < 0.8 else ()
    tilt = rng.uniform(0, 0.12) if rng.random() < 0.6 else 0.0
    return photo_of(order, Scene(surface, pens, lights, thing=thing, tilt=tilt, noise=(0.002, 0.02), quality=(45, 95)))


SCENES = {
    "plain scan": Scene("scan", lights=(), noise=None),
    "paper and JPEG": Scene("grain", noise=(0.005, 0.02), quality=(40, 85)),
    "coloured paper": Scene("coloured"),
    "creased paper": Scene("creased"),
    "ink from the back": Scene(thing="back"),
    "ruled paper": Scene("ruled"),
    "squared paper": Scene("squared"),
    "one box": Scene("box", ("ballpoint", "felt tip", "pencil")),
    "box per digit": Scene("boxes", ("ballpoint", "felt tip", "pencil")),
    "shadow of a hand": Scene(lights=("hand", "phone")),
    "shadow in a corner": Scene(lights=("corner",)),
    "vignette": Scene(lights=("vignette",)),
    "patch of sun": Scene(lights=("sun",)),
    "glow": Scene(lights=("glow",)),
    "webcam": Scene(pens=("ballpoint", "felt tip"), lights=("webcam",), noise=(0.015, 0.035), sizes=(320, 900)),
    "out of focus": Scene(blur=(0.002, 0.006)),
    "black and white": Scene("grain", lights=("gradient", "vignette", "corner"), binarised=True),
    "tilted": Scene(tilt=0.14),
    "neighbours": Scene(thing="neighbours"),
    "sliver": Scene(thing="sliver"),
    "dark thing": Scene(thing="dark thing"),
    "touching the border": Scene(thing="touching", sizes=(40, 700)),
    "blackboard": Scene("blackboard", ("chalk",), ("gradient", "vignette", "glow")),
    "whiteboard": Scene("whiteboard", ("board marker",), ("gradient", "vignette")),
    "coloured pens": Scene(pens=("felt tip",)),
    "highlighter": Scene(pens=("highlighter",)),
    "uneven strokes": Scene(pens=("uneven pen",)),
    "faint pencil": Scene("grain", ("faint pencil",), noise=(0.004, 0.015)),
    "equal brightness": Scene(pens=("felt tip",), equal_brightness=True),
    "large photo": Scene(
        pens=("ballpoint", "pencil"), lights=("gradient", "vignette"), tilt=0.05, sizes=(1500, 2000), enlarged=2
    ),
    "signs between": Scene(),
    "several lines": Scene(lights=("gradient", "vignette")),
    "several lines, ruled": Scene("ruled"),
}
KINDS: dict[str, Callable[[Order], Photo]] = {
    **{name: (lambda order, scene=scene: photo_of(order, scene)) for name, scene in SCENES.items()},
    "Paint": lambda order: screens.on_screen(order, style="Paint"),
    "dark panel": lambda order: screens.on_screen(order, style="panel"),
    "dark window": lambda order: screens.on_screen(order, style="dark window"),
    "buttons": lambda order: screens.on_screen(order, style="buttons"),
    "plot": screens.plot,
    "28 x 28": screens.small,
    "28 x 28 enlarged": screens.enlarged_digit,
    "ink on transparent": lambda order: screens.see_through(order, card=False),
    "card on transparent": lambda order: screens.see_through(order, card=True),
    "see-through edge": screens.see_through_edge,
    "10 to 16 bits": screens.deep,
    "mixed": _mixed,
}
# What is written on pictures of a kind; on others a digit or a number.
_CONTENTS: dict[str, tuple[Content, ...]] = {
    "signs between": ("signs",),
    "several lines": ("lines",),
    "several lines, ruled": ("lines",),
    "plot": ("digit",),
    "28 x 28 enlarged": ("digit",),
    "mixed": ("digit", "number", "number", "lines"),
}


def contents(kind: str) -> tuple[Content, ...]:
    """Return what may be written on pictures of a kind, the more frequent more often."""
    return _CONTENTS.get(kind, ("digit", "number"))
