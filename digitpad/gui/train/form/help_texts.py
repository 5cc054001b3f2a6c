"""The labels, choices and tooltips of the training form, for users who meet the terms for the first time."""

from collections.abc import Mapping
from dataclasses import dataclass

from digitpad.core.training.config import LOSS_TITLES
from digitpad.core.translation import tr
from digitpad.gui.train.form.values import AUGMENTATION, DISTORTIONS, SLIP_KEYS


def choice_texts() -> Mapping[str, Mapping[str, str]]:
    """Return for each field with choices their titles, in the order of the list."""
    return {
        "engine": {"torch": tr("PyTorch"), "numpy": tr("NumPy")},
        "model.kind": {"softmax": tr("Softmax"), "mlp": tr("MLP"), "cnn": tr("CNN")},
        "model.convolutions": {"pairs": tr("Two before each pooling"), "single": tr("One before each pooling")},
        "model.activation": {"relu": tr("ReLU"), "sigmoid": tr("Sigmoid"), "tanh": tr("tanh")},
        "model.output": {"softmax": tr("Softmax"), "sigmoid": tr("Sigmoid"), "linear": tr("Linear")},
        "model.initial": {"torch": tr("PyTorch default"), "normal": tr("Normal(0, 1)"), "uniform": tr("Uniform ±0.1")},
        "training.loss": {loss: tr(title) for loss, title in LOSS_TITLES.items()},
        "training.optimizer": {"sgd": tr("SGD"), "adam": tr("Adam"), "adamw": tr("AdamW")},
        "training.schedule": {"constant": tr("Constant"), "one-cycle": tr("One-cycle")},
        "training.train_figures": {"running": tr("During the epoch"), "after": tr("At the end of the epoch")},
        "training.precision": {"auto": tr("Automatic"), "float32": tr("float32"), "bfloat16": tr("bfloat16")},
        "training.device": {"auto": tr("Automatic"), "cpu": tr("CPU"), "cuda": tr("CUDA"), "mps": tr("Apple MPS")},
        "training.stream": {
            "seeded": tr("From the seed"),
            "torch-loader": tr("As torch's DataLoader"),
            "tutorial-mse": tr("Notebook, MSE"),
            "tutorial-ce": tr("Notebook, CE"),
        },
    }


@dataclass(frozen=True, slots=True)
class FieldText:
    """The label and tooltip of a field; the placeholder is shown while the field is empty."""

    label: str
    tip: str
    placeholder: str = ""


def field_texts() -> Mapping[str, FieldText]:
    """Return the texts of every field."""
    return {
        **_data_texts(),
        **_model_texts(),
        **_unit_texts(),
        **_training_texts(),
        **_optimisation_texts(),
        **_run_texts(),
        **_slip_texts(),
        **_augmentation_texts(),
    }


def _data_texts() -> dict[str, FieldText]:
    return {
        "dataset": FieldText(
            tr("Images"),
            tr("The labelled images. The model learns from the training images; the test images measure its accuracy."),
        ),
        "train_first": FieldText(
            tr("Training images"),
            tr("Trains on the first images only. Fewer images train faster, but the accuracy is lower."),
            tr("all"),
        ),
        "test_first": FieldText(
            tr("Test images"),
            tr("Tests on the first images only. Fewer images test faster, but the accuracy is less certain."),
            tr("all"),
        ),
        "leave_out_suspects": FieldText(
            tr("Leave out suspect labels"),
            tr(
                "Leaves out images whose label you marked as wrong in the Mistakes tab. "
                "A run keeps the marks that exist when it starts."
            ),
        ),
    }


def _model_texts() -> dict[str, FieldText]:
    return {
        "engine": FieldText(
            tr("Training engine"),
            tr("PyTorch is fast and supports every setting. NumPy shows each formula, as in a textbook."),
        ),
        "model.kind": FieldText(
            tr("Type"),
            tr(
                "Softmax has one layer; an MLP adds hidden layers; a CNN adds convolutions. "
                "A CNN is most accurate on images, but trains longest."
            ),
        ),
        "model.hidden": FieldText(
            tr("Hidden layers"),
            tr("Units in each hidden layer, for example 512, 256. More units learn more, but overfit sooner."),
            tr("none"),
        ),
        "model.channels": FieldText(
            tr("Channels"),
            tr("Filters in each convolution, for example 32, 64. More filters detect more, but train longer."),
        ),
        "model.convolutions": FieldText(
            tr("Convolutions"),
            tr(
                "Two 3x3 convolutions before each pooling are most accurate. One takes a third of the time: "
                "the first is 5x5 and reads every second pixel."
            ),
        ),
        "model.dense": FieldText(
            tr("Dense units"), tr("Units of the dense layer after the convolutions. More units combine more patterns.")
        ),
    }


def _unit_texts() -> dict[str, FieldText]:
    return {
        "model.activation": FieldText(
            tr("Activation"), tr("The function of each hidden unit. ReLU trains fastest; sigmoid and tanh are smooth.")
        ),
        "model.output": FieldText(
            tr("Output"),
            tr(
                "The function of the output layer. Softmax: probabilities that add up to 1. "
                "Sigmoid: one probability per digit. Linear: plain scores."
            ),
        ),
        "model.initial": FieldText(
            tr("Initial weights"),
            tr(
                "The distribution of the weights before training. Weights that are too large or too small train slowly."
            ),
        ),
        "model.bias": FieldText(
            tr("Biases"),
            tr("Adds a trainable number to each unit, so that its output need not be 0 for an empty image."),
        ),
        "model.dropout": FieldText(
            tr("Dropout"),
            tr(
                "Share of hidden units that are off in each step. More reduces overfitting; too much prevents learning."
            ),
        ),
        "model.normalisation.mean": FieldText(
            tr("Mean"), tr("Subtracted from every pixel before the first layer. The mean of MNIST is 0.1307.")
        ),
        "model.normalisation.std": FieldText(
            tr("Std"), tr("Pixels are divided by this standard deviation. That of MNIST is 0.3081.")
        ),
    }


def _training_texts() -> dict[str, FieldText]:
    return {
        "training.loss": FieldText(
            tr("Loss"),
            tr(
                "The error that training minimises. Cross-entropy penalises confident mistakes most; "
                "squared errors train more slowly."
            ),
        ),
        "training.optimizer": FieldText(
            tr("Optimiser"),
            tr(
                "How the weights follow the gradient. SGD uses one learning rate; Adam adapts it for every weight; "
                "AdamW is Adam with decoupled weight decay."
            ),
        ),
        "training.learning_rate": FieldText(
            tr("Learning rate"),
            tr(
                "The size of each step. Larger values learn faster, but can diverge. "
                "Usual values: 0.001 for Adam, 0.1 for SGD."
            ),
        ),
        "training.batch_size": FieldText(
            tr("Batch size"),
            tr("Images per training step. Larger batches give smoother but fewer steps; “full” is all images."),
        ),
        "training.epochs": FieldText(
            tr("Epochs"), tr("Passes through all training images. More take longer; too many overfit.")
        ),
    }


def _optimisation_texts() -> dict[str, FieldText]:
    return {
        "training.schedule": FieldText(
            tr("Schedule"),
            tr("How the learning rate changes. One-cycle raises and lowers it, which often trains faster."),
        ),
        "training.momentum": FieldText(
            tr("Momentum"), tr("Share of the last step that is added to the next one. 0 is none, 0.9 is usual.")
        ),
        "training.nesterov": FieldText(
            tr("Nesterov"), tr("Computes the gradient where the momentum leads. Needs a momentum above 0.")
        ),
        "training.weight_decay": FieldText(
            tr("Weight decay"),
            tr("Shrinks all weights a little in every step. More reduces overfitting; too much prevents learning."),
        ),
        "training.label_smoothing": FieldText(
            tr("Label smoothing"),
            tr("Spreads a share of each label over all digits, so that the model is less overconfident. 0.1 is usual."),
        ),
        "training.average": FieldText(
            tr("Averaged weights (EMA)"),
            tr(
                "Tests and saves the average of the weights over the last steps, which varies less than the weights "
                "of one step. 0.99 averages about 100 steps, 0.999 about 1,000; 0 does not average."
            ),
        ),
        "training.shuffle": FieldText(
            tr("Shuffle"), tr("Shuffles the images before every epoch. Otherwise the model can learn from their order.")
        ),
        "training.drop_last": FieldText(
            tr("Drop last batch"), tr("Leaves out the last batch of an epoch if it is smaller than the others.")
        ),
    }


def _run_texts() -> dict[str, FieldText]:
    return {
        "training.patience": FieldText(
            tr("Early stopping"),
            tr("Stops after this many evaluations without a lower test loss. Empty: never."),
            tr("never"),
        ),
        "training.train_figures": FieldText(
            tr("Training metrics"),
            tr(
                "How the training curve is measured: as the mean over the epoch, which is fast, "
                "or with the final weights on all images, which is exact."
            ),
        ),
        "training.report_every": FieldText(
            tr("Evaluate every"), tr("Epochs between two points of the curves. More is faster, but shows less detail.")
        ),
        "training.precision": FieldText(
            tr("Precision"),
            tr("The number format. bfloat16 is less exact, but faster on some hardware; Automatic uses it there."),
        ),
        "training.device": FieldText(
            tr("Device"), tr("Where the model is trained. Automatic uses a graphics card if there is one.")
        ),
        "training.seed": FieldText(
            tr("Seed"), tr("Initialises the random numbers. The same seed gives the same run again.")
        ),
        "training.stream": FieldText(
            tr("Random numbers"),
            tr(
                "Where random numbers come from. The seed alone, or as in a published program, whose results are "
                "then reproduced exactly: the order of torch's DataLoader, or the state of the NumPy notebook."
            ),
        ),
    }


def _slip_texts() -> dict[str, FieldText]:
    return {
        SLIP_KEYS[0]: FieldText(
            tr("ReLU gradient not masked"),
            tr(
                "Repeats an error of the published program: the gradient also passes through inactive ReLU units. "
                "Untick it to see the effect."
            ),
        ),
        SLIP_KEYS[1]: FieldText(
            tr("Dropout gradient not scaled"),
            tr(
                "Repeats an error of the published program: dropout doubles the kept units in the forward pass, "
                "but not their gradient."
            ),
        ),
    }


def _augmentation_texts() -> dict[str, FieldText]:
    return {
        AUGMENTATION: FieldText(
            tr("Augment the training images"),
            tr(
                "Distorts every training image differently in each epoch. This takes longer, "
                "but improves the accuracy on drawings."
            ),
        ),
        DISTORTIONS[0]: FieldText(
            tr("Rotation, °"), tr("Rotates by up to this angle in both directions. Too much turns a 6 into a 9.")
        ),
        DISTORTIONS[1]: FieldText(
            tr("Shear"), tr("Slants the digit to the left or right by up to this share of its height.")
        ),
        DISTORTIONS[2]: FieldText(tr("Scale"), tr("Changes width and height by up to this share: 0.1 is 10 %.")),
        DISTORTIONS[3]: FieldText(tr("Shift, px"), tr("Moves the digit by up to this many of the 28 pixels.")),
        DISTORTIONS[4]: FieldText(
            tr("Thickness"), tr("Probability that the strokes become thicker or thinner. 1 changes every image.")
        ),
    }
