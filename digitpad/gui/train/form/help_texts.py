"""What the training form calls things, and how it explains them to someone who meets them for the first time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from digitpad.gui.train.form.values import AUGMENTATION, DISTORTIONS, SLIP_KEYS


def choice_texts(tr: Callable[[str], str]) -> Mapping[str, Mapping[str, str]]:
    """Return for each field with choices their titles, in the order to show them in."""
    return {
        "engine": {"torch": tr("PyTorch"), "numpy": tr("NumPy by hand")},
        "model.kind": {"softmax": tr("Softmax"), "mlp": tr("MLP"), "cnn": tr("CNN")},
        "model.activation": {"relu": tr("ReLU"), "sigmoid": tr("Sigmoid"), "tanh": tr("tanh")},
        "model.output": {"softmax": tr("Softmax"), "sigmoid": tr("Sigmoid"), "linear": tr("Linear")},
        "model.initial": {"torch": tr("PyTorch's own"), "normal": tr("Normal, spread 1"), "uniform": tr("Even, ±0.1")},
        "training.loss": {
            "cross-entropy": tr("Cross-entropy"),
            "binary-cross-entropy": tr("Binary cross-entropy"),
            "mse": tr("Mean squared error"),
            "sse": tr("Sum of squares"),
        },
        "training.optimizer": {"sgd": tr("SGD"), "adam": tr("Adam"), "adamw": tr("AdamW")},
        "training.schedule": {"constant": tr("Constant"), "one-cycle": tr("One cycle")},
        "training.train_figures": {"running": tr("During the epoch"), "after": tr("At its end")},
        "training.precision": {"auto": tr("Automatic"), "float32": tr("float32"), "bfloat16": tr("bfloat16")},
        "training.device": {
            "auto": tr("Automatic"),
            "cpu": tr("Processor"),
            "cuda": tr("CUDA"),
            "mps": tr("Apple MPS"),
        },
        "training.stream": {
            "seeded": tr("The seed"),
            "tutorial-mse": tr("Notebook, MSE"),
            "tutorial-ce": tr("Notebook, CE"),
        },
    }


Translate = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class FieldText:
    """A field's name and its explanation; `placeholder` stands in it while it is empty."""

    label: str
    tip: str
    placeholder: str = ""


def field_texts(tr: Translate) -> Mapping[str, FieldText]:
    """Return the words of every field."""
    return {
        **_data_words(tr),
        **_model_words(tr),
        **_learning_words(tr),
        **_finer_words(tr),
        **_run_words(tr),
        **_image_words(tr),
    }


def _data_words(tr: Translate) -> dict[str, FieldText]:
    return {
        "dataset": FieldText(
            tr("Images"),
            tr("The labelled images: the training part is learned from, the test part is only asked about."),
        ),
        "train_first": FieldText(
            tr("Training images"),
            tr("Learn only from the first so many images. Fewer is quicker, and the model knows less of the world."),
            tr("all"),
        ),
        "test_first": FieldText(
            tr("Test images"),
            tr("Test only on the first so many images. Fewer is quicker, and the accuracy is less certain."),
            tr("all"),
        ),
        "leave_out_suspects": FieldText(
            tr("Leave out suspect labels"),
            tr(
                "Neither learns from nor tests on images whose label you have marked as wrong in the Mistakes tab. "
                "A run keeps to the marks of its start."
            ),
        ),
    }


def _model_words(tr: Translate) -> dict[str, FieldText]:
    return {
        "engine": FieldText(
            tr("Engine"),
            tr("Who does the sums. PyTorch is fast and can do everything; NumPy by hand is the textbook's program."),
        ),
        "model.kind": FieldText(
            tr("Kind"),
            tr(
                "Softmax has one template for each digit. An MLP has layers of units between. A CNN looks for strokes "
                "wherever they are, which suits images best and takes longest."
            ),
        ),
        "model.hidden": FieldText(
            tr("Hidden layers"),
            tr(
                "Units in each layer between image and answer, for example 512, 256. More can learn more, takes longer "
                "and learns by heart sooner. Empty: none."
            ),
            tr("none"),
        ),
        "model.channels": FieldText(
            tr("Channels"),
            tr(
                "Patterns that each stage of convolutions looks for, for example 32, 64. More finds finer differences "
                "and takes longer."
            ),
        ),
        "model.dense": FieldText(
            tr("Dense units"),
            tr("Units of the layer that weighs what the convolutions found. More can tell more combinations apart."),
        ),
        "model.activation": FieldText(
            tr("Activation"),
            tr(
                "What a unit makes of its sum. ReLU cuts off below 0 and learns quickly; sigmoid and tanh bend "
                "smoothly and fade in deep networks."
            ),
        ),
        "model.output": FieldText(
            tr("Output"),
            tr(
                "What the last layer's sums become: softmax gives shares that add up to 1, sigmoid a yes or no for "
                "each digit, linear the sums themselves."
            ),
        ),
        "model.initial": FieldText(
            tr("First weights"),
            tr(
                "Chance that the weights start from. Too large and units are stuck at the start, too small and "
                "nothing gets through."
            ),
        ),
        "model.bias": FieldText(
            tr("Biases"), tr("Each unit adds a number of its own, so that it need not answer 0 to 0.")
        ),
        "model.dropout": FieldText(
            tr("Dropout"),
            tr(
                "Share of the hidden units that are silent in each step. More keeps the model from learning by heart; "
                "too much keeps it from learning."
            ),
        ),
        "model.normalisation.mean": FieldText(
            tr("Minus mean"),
            tr("Is taken from every pixel before the first layer. MNIST's mean of 0.1307 puts its pixels around 0."),
        ),
        "model.normalisation.std": FieldText(
            tr("Divided by"),
            tr("Pixels are divided by it after that. With MNIST's 0.3081 they spread by 1; smaller makes them larger."),
        ),
    }


def _learning_words(tr: Translate) -> dict[str, FieldText]:
    return {
        "training.loss": FieldText(
            tr("Loss"),
            tr(
                "How wrong an answer is, as one number that training makes smaller. Cross-entropy punishes being "
                "sure and wrong; squared errors are milder and learn more slowly."
            ),
        ),
        "training.optimizer": FieldText(
            tr("Optimiser"),
            tr(
                "How the weights follow the gradient. SGD steps straight downhill; Adam gives every weight a step "
                "size of its own; AdamW is Adam with a better weight decay."
            ),
        ),
        "training.learning_rate": FieldText(
            tr("Learning rate"),
            tr(
                "How far each step goes. Larger learns faster until it jumps about or fails; smaller is steadier and "
                "slower. Usual are 0.001 for Adam and 0.1 for SGD."
            ),
        ),
        "training.batch_size": FieldText(
            tr("Batch size"),
            tr(
                "Images looked at for each step. Larger batches give steadier and fewer steps; with full, all the "
                "images make one step."
            ),
        ),
        "training.epochs": FieldText(
            tr("Epochs"),
            tr(
                "How often all the training images are gone through. More takes longer, and in the end only learns "
                "by heart."
            ),
        ),
    }


def _finer_words(tr: Translate) -> dict[str, FieldText]:
    return {
        "training.schedule": FieldText(
            tr("Schedule"),
            tr(
                "Whether the learning rate stays, or rises from little to its peak and falls again in one cycle, which "
                "often is the quickest way."
            ),
        ),
        "training.momentum": FieldText(
            tr("Momentum"),
            tr(
                "How much of the last step goes into the next. Larger rolls through small dips and over the goal; "
                "0.9 is usual, 0 is none."
            ),
        ),
        "training.nesterov": FieldText(
            tr("Nesterov"), tr("Looks ahead to where momentum is going before taking the gradient. Needs momentum.")
        ),
        "training.weight_decay": FieldText(
            tr("Weight decay"),
            tr("Pulls all weights a little towards 0 in every step. More gives a simpler model; too much forgets."),
        ),
        "training.label_smoothing": FieldText(
            tr("Label smoothing"),
            tr(
                "Takes a share of the label and spreads it over all digits, so that the model is never too sure. "
                "0 is none, 0.1 is usual."
            ),
        ),
    }


def _run_words(tr: Translate) -> dict[str, FieldText]:
    return {
        "training.shuffle": FieldText(
            tr("Shuffle"), tr("A new order of the images in every epoch. Without it the order itself is learned.")
        ),
        "training.drop_last": FieldText(
            tr("Drop last batch"),
            tr("Leaves out the last batch of an epoch where it is shorter than the others, as some tutorials do."),
        ),
        "training.patience": FieldText(
            tr("Stop early"),
            tr(
                "Stops after so many measured epochs in which the test loss has not become smaller. Smaller stops "
                "sooner, perhaps too soon; empty never does."
            ),
            tr("never"),
        ),
        "training.train_figures": FieldText(
            tr("Train figures"),
            tr(
                "Whether the training curve is the mean during an epoch, which is free and a little behind, or is "
                "measured at its end over all images, which takes time."
            ),
        ),
        "training.report_every": FieldText(
            tr("Measure every"), tr("Epochs from one point of the curves to the next. More is quicker and coarser.")
        ),
        "training.precision": FieldText(
            tr("Precision"),
            tr(
                "Digits that numbers are kept with. bfloat16 has fewer and is faster where the processor knows it; "
                "automatic takes it there."
            ),
        ),
        "training.device": FieldText(
            tr("Device"), tr("Where it is computed. Automatic takes a graphics card if there is one.")
        ),
        "training.seed": FieldText(
            tr("Seed"), tr("Where chance starts. The same seed gives the same run again; another gives another.")
        ),
        "training.stream": FieldText(
            tr("Chance"),
            tr(
                "Where random numbers come from: the seed, or what the published notebook had left of its own, "
                "which repeats its figures to the last digit with its model."
            ),
        ),
        SLIP_KEYS[0]: FieldText(
            tr("ReLU's gradient not gated"),
            tr(
                "Repeats a slip of the published program: it lets the gradient pass through units that were off, "
                "which a ReLU does not. Untick to see what the mistake costs."
            ),
        ),
        SLIP_KEYS[1]: FieldText(
            tr("Dropout's gradient not doubled"),
            tr(
                "Repeats a slip of the published program: going forward it doubles the units that were kept, going "
                "back it does not double their gradient."
            ),
        ),
    }


def _image_words(tr: Translate) -> dict[str, FieldText]:
    return {
        AUGMENTATION: FieldText(
            tr("Distort the training images"),
            tr(
                "Every image comes a little different in each epoch, so that shapes are learned rather than places. "
                "It takes longer, and does better on drawings."
            ),
        ),
        DISTORTIONS[0]: FieldText(
            tr("Rotation, °"), tr("Turned by up to so many degrees either way. Too far, and 6 is 9.")
        ),
        DISTORTIONS[1]: FieldText(
            tr("Slant"), tr("Leaning left or right, as handwriting does: up to this share of its height.")
        ),
        DISTORTIONS[2]: FieldText(
            tr("Size"), tr("Wider, narrower, taller or shorter by up to this share: 0.1 is a tenth.")
        ),
        DISTORTIONS[3]: FieldText(tr("Shift, px"), tr("Moved by up to so many of the 28 pixels.")),
        DISTORTIONS[4]: FieldText(
            tr("Thickness"), tr("Chance that the pen is thicker or thinner. 1 changes every image.")
        ),
    }
