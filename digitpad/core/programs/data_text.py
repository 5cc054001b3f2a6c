"""The part of a program that reads the data: pixels in [0, 1] as float32, labels as int64."""

from pathlib import Path

from digitpad.core.datasets.loading import BUILT_IN, GATES, MY_DIGITS, RAW_BUILT_IN, is_usual_idx
from digitpad.core.files.paths import data_folder
from digitpad.core.images.idx_sets import PARTS, SETS
from digitpad.core.ink.ink_files import is_ink_file
from digitpad.core.training.recipes import Recipe

_READ = '''
FOLDER = Path(sys.argv[1] if len(sys.argv) > 1 else "{folder}")


def read_idx(name):
    """Read an IDX file, compressed or not: a magic number, the sizes, then bytes or 32-bit integers."""
    path = FOLDER / name
    data = path.read_bytes() if path.exists() else gzip.decompress((FOLDER / f"{{name}}.gz").read_bytes())
    sizes = np.frombuffer(data, ">i4", count=data[3], offset=4)
    values = np.frombuffer(data, ">i4" if data[2] == 12 else np.uint8, offset=4 + 4 * data[3])
    return values.reshape(sizes)


def read_part(images, labels, first=None):
    """Return pixels (n, height, width) float32 in [0, 1] and labels (n,) int64."""
    images, labels = read_idx(images){transpose}, read_idx(labels){column}
    return (images.astype(np.float32) / np.float32(255))[:first], labels.astype(np.int64)[:first]


'''
_RAW_BUILT_IN = """
values, labels = load_digits(return_X_y=True)
# All of them are used for training and for testing; their values are 0 to 16.
x_train = x_test = values.reshape(-1, 8, 8).astype(np.float32) / np.float32(16)
y_train = y_test = labels.astype(np.int64)
"""
_GATE = """
# The four points of {name}; they are used for training and for testing.
x_train = x_test = np.array([[[0, 0]], [[0, 1]], [[1, 0]], [[1, 1]]], np.float32)
y_train = y_test = np.array({labels}, np.int64)
"""


def needs_own_data(recipe: Recipe) -> bool:
    """Return whether the data is not in files that a program can read as they are."""
    if recipe.dataset in GATES or recipe.dataset == RAW_BUILT_IN:
        return False
    if recipe.leave_out_suspects or recipe.dataset in (BUILT_IN, MY_DIGITS) or is_ink_file(Path(recipe.dataset)):
        return True
    return not is_usual_idx(recipe.dataset, "train", data_folder())


def reads_files(recipe: Recipe) -> bool:
    """Return whether a program reads the four files of a data set."""
    return recipe.dataset not in GATES and recipe.dataset != RAW_BUILT_IN


def data_imports(recipe: Recipe) -> list[str]:
    """Return the imports that `data_text` needs, besides NumPy's."""
    if reads_files(recipe):
        return ["import gzip", "import sys", "from pathlib import Path"]
    return ["from sklearn.datasets import load_digits"] if recipe.dataset == RAW_BUILT_IN else []


def data_text(recipe: Recipe) -> str:
    """Return code that defines x_train, y_train, x_test and y_test, NumPy arrays of images and labels."""
    if recipe.dataset in GATES:
        text = _GATE.format(name=recipe.dataset.upper(), labels=list(GATES[recipe.dataset]))
    elif recipe.dataset == RAW_BUILT_IN:
        text = _RAW_BUILT_IN
    else:
        return _idx_text(recipe)
    for part, first in zip(PARTS, (recipe.train_first, recipe.test_first), strict=True):
        if first is not None:
            text += f"x_{part}, y_{part} = x_{part}[:{first}], y_{part}[:{first}]\n"
    return text.lstrip("\n")


def _idx_text(recipe: Recipe) -> str:
    # A set that is not in the catalogue, or was written for the program, has MNIST's file names.
    idx_set = SETS.get("mnist" if needs_own_data(recipe) else recipe.dataset, SETS["mnist"])
    text = _READ.format(
        folder="data" if needs_own_data(recipe) else idx_set.key,
        transpose=".transpose(0, 2, 1)" if idx_set.is_transposed else "",
        column="[:, 0]" if "idx2" in idx_set.stems["train"][1] else "",
    )
    for part, first in zip(PARTS, (recipe.train_first, recipe.test_first), strict=True):
        images, labels = idx_set.stems[part]
        count = "" if first is None or needs_own_data(recipe) else f", first={first}"
        text += f'x_{part}, y_{part} = read_part("{images}", "{labels}"{count})\n'
    return text.lstrip("\n")
