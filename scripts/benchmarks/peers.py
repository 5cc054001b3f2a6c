#!/usr/bin/env python3
"""Train as tutorials do, for comparison in scripts/bench.py; print one JSON object per epoch.

    .venv/bin/python scripts/benchmarks/peers.py (softmax | mlp | cnn | sklearn) --data ../shared/data [--in-memory]

The first three are the loop that PyTorch tutorials teach: torchvision's MNIST with ToTensor, a DataLoader, zero_grad,
backward, step. "cnn" has the network and the settings of PyTorch's own MNIST example. With --in-memory the DataLoader
reads tensors that were made once, which is kinder than the tutorials. With --steps only the first steps of an epoch are
taken: its seconds are then an estimate for all steps, and its accuracy is too low.
"""

import argparse
import gzip
import json
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

from digitpad.core.datasets.loading import load_digits
from digitpad.core.images.digits import Digits, to_floats

Epoch = tuple[float, float]  # seconds of training, test accuracy
HIDDEN = (512, 256)
# Of MNIST's pixels in [0, 1].
MEAN, STD = 0.1307, 0.3081


def as_the_tutorials_do(data: Path, place: Path, *, is_normalised: bool) -> Dataset:
    """Open MNIST's training images through torchvision, which converts an image each time it is read."""
    from torchvision import datasets, transforms

    raw = place / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for path in (data / "mnist").glob("*.gz"):
        (raw / path.stem).write_bytes(gzip.decompress(path.read_bytes()))
    normalise = [transforms.Normalize((MEAN,), (STD,))] if is_normalised else []
    transform = transforms.Compose([transforms.ToTensor(), *normalise])
    return datasets.MNIST(str(place), train=True, transform=transform)


def in_memory(digits: Digits, *, is_normalised: bool) -> TensorDataset:
    """Make tensors of all images once, (n, 1, 28, 28) float32, and of their labels."""
    images = torch.from_numpy(to_floats(digits.images))[:, None]
    return TensorDataset(images.sub(MEAN).div(STD) if is_normalised else images, torch.tensor(digits.labels).long())


def loop(
    model: nn.Module, optimizer: torch.optim.Optimizer, batch: int, training: Dataset, test: TensorDataset, steps: int
) -> Iterator[Epoch]:
    """Train as a tutorial does, endlessly; the learning rate of Adadelta falls by 30 % an epoch, as in the example."""
    loader = DataLoader(training, batch_size=batch, shuffle=True, drop_last=True)
    steps = min(steps, len(loader))
    criterion = nn.CrossEntropyLoss()
    is_example = isinstance(optimizer, torch.optim.Adadelta)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.7 if is_example else 1.0)
    while True:
        started = time.perf_counter()
        cost = 0.0
        model.train()
        for some, labels in islice(loader, steps):
            optimizer.zero_grad()
            loss = criterion(model(some), labels)
            loss.backward()
            optimizer.step()
            cost += loss.item() / len(loader)
        scheduler.step()
        seconds = (time.perf_counter() - started) * len(loader) / steps
        yield seconds, accuracy_of(model.eval(), test)


@torch.no_grad()
def accuracy_of(model: nn.Module, test: TensorDataset) -> float:
    """Return the share of images that are right."""
    right = [int((model(some).argmax(1) == labels).sum()) for some, labels in DataLoader(test, batch_size=1000)]
    return sum(right) / len(test)


def softmax(training: Dataset, test: TensorDataset, steps: int) -> Iterator[Epoch]:
    """Train softmax-sgd-100's model and settings."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
    return loop(model, torch.optim.SGD(model.parameters(), lr=0.1), 100, training, test, steps)


def mlp(training: Dataset, test: TensorDataset, steps: int) -> Iterator[Epoch]:
    """Train 784-512-256-10 with Adam."""
    first, second = HIDDEN
    layers = [nn.Linear(784, first), nn.ReLU(), nn.Linear(first, second), nn.ReLU(), nn.Linear(second, 10)]
    model = nn.Sequential(nn.Flatten(), *layers)
    return loop(model, torch.optim.Adam(model.parameters()), 128, training, test, steps)


def cnn(training: Dataset, test: TensorDataset, steps: int) -> Iterator[Epoch]:
    """Train the network of PyTorch's MNIST example, with its settings."""
    model = nn.Sequential(
        *(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25)),
        *(nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10)),
    )
    return loop(model, torch.optim.Adadelta(model.parameters(), lr=1.0), 64, training, test, steps)


def sklearn(training: Digits, test: Digits) -> Iterator[Epoch]:
    """Train scikit-learn's MLPClassifier with the same layers and its default settings."""
    from sklearn.neural_network import MLPClassifier

    inputs, test_inputs = (to_floats(digits.images).reshape(len(digits), -1) for digits in (training, test))
    model = MLPClassifier(HIDDEN, random_state=777)
    while True:
        started = time.perf_counter()
        model.partial_fit(inputs, training.labels, classes=list(range(10)))
        seconds = time.perf_counter() - started
        yield seconds, float(model.score(test_inputs, test.labels))


LOOPS = {"softmax": softmax, "mlp": mlp, "cnn": cnn}


def main() -> None:
    """Read the command line; stop at an accuracy or after a number of epochs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peer", choices=[*LOOPS, "sklearn"])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--in-memory", action="store_true")
    parser.add_argument("--steps", type=int, default=1_000_000, help="of an epoch")
    parser.add_argument("--until", type=float, default=2.0, help="accuracy, a fraction")
    arguments = parser.parse_args()
    torch.manual_seed(777)
    training, test = (load_digits("mnist", part, arguments.data) for part in ("train", "test"))
    with tempfile.TemporaryDirectory() as place:
        if arguments.peer == "sklearn":
            epochs = sklearn(training, test)
        else:
            is_normalised = arguments.peer == "cnn"
            images = (
                in_memory(training, is_normalised=is_normalised)
                if arguments.in_memory
                else as_the_tutorials_do(arguments.data, Path(place), is_normalised=is_normalised)
            )
            tested = in_memory(test, is_normalised=is_normalised)
            epochs = LOOPS[arguments.peer](images, tested, arguments.steps)
        for number, (seconds, accuracy) in enumerate(epochs, start=1):
            print(json.dumps({"epoch": number, "seconds": seconds, "test_accuracy": accuracy}), flush=True)
            if number == arguments.epochs or accuracy >= arguments.until:
                break


if __name__ == "__main__":
    main()
