"""What the training form calls the choices of its fields."""

from collections.abc import Callable, Mapping


def choice_words(tr: Callable[[str], str]) -> Mapping[str, Mapping[str, str]]:
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
