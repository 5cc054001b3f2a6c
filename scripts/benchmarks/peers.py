#!/usr/bin/env python3
"""Train as tutorials do, for comparison in scripts/bench.py; print one JSON object per epoch.

    .venv/bin/python scripts/benchmarks/peers.py (softmax | mlp | sklearn) --data ../shared/data [--in-memory]

The first two are the loop that PyTorch tutorials teach: torchvision's MNIST with ToTensor, a DataLoader, zero_grad,
backward, step. With --in-memory the DataLoader reads tensors that were made once, which is kinder than the tutorials.
"""

import argparse
import gzip
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

from digitpad.core.datasets.loading import load_digits
from digitpad.core.images.digits import Digits, to_floats

Epoch = tuple[float, float]  # seconds of training, test accuracy
HIDDEN = (512, 256)


def as_the_tutorials_do(data: Path, place: Path) -> Dataset:
    """Open MNIST's training images through torchvision, which converts an image each time it is read."""
    from torchvision import datasets, transforms

    raw = place / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for path in (data / "mnist").glob("*.gz"):
        (raw / path.stem).write_bytes(gzip.decompress(path.read_bytes()))
    return datasets.MNIST(str(place), train=True, transform=transforms.ToTensor())


def in_memory(training: Digits) -> Dataset:
    """Make tensors of all training images once."""
    return TensorDataset(torch.from_numpy(to_floats(training.images)), torch.tensor(training.labels).long())


def loop(
    model: nn.Module, optimizer: torch.optim.Optimizer, batch: int, training: Dataset, test: Digits
) -> Iterator[Epoch]:
    """Train as a tutorial does, endlessly."""
    loader = DataLoader(training, batch_size=batch, shuffle=True, drop_last=True)
    test_inputs, test_labels = torch.from_numpy(to_floats(test.images)).flatten(1), torch.tensor(test.labels)
    criterion = nn.CrossEntropyLoss()
    while True:
        started = time.perf_counter()
        cost = 0.0
        for some, labels in loader:
            optimizer.zero_grad()
            loss = criterion(model(some.view(-1, 784)), labels)
            loss.backward()
            optimizer.step()
            cost += loss.item() / len(loader)
        seconds = time.perf_counter() - started
        with torch.no_grad():
            accuracy = (model(test_inputs).argmax(1) == test_labels).float().mean().item()
        yield seconds, accuracy


def softmax(training: Dataset, test: Digits) -> Iterator[Epoch]:
    """Train softmax-sgd-100's model and settings."""
    model = nn.Linear(784, 10)
    return loop(model, torch.optim.SGD(model.parameters(), lr=0.1), 100, training, test)


def mlp(training: Dataset, test: Digits) -> Iterator[Epoch]:
    """Train 784-512-256-10 with Adam."""
    first, second = HIDDEN
    model = nn.Sequential(nn.Linear(784, first), nn.ReLU(), nn.Linear(first, second), nn.ReLU(), nn.Linear(second, 10))
    return loop(model, torch.optim.Adam(model.parameters()), 128, training, test)


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


LOOPS = {"softmax": softmax, "mlp": mlp}


def main() -> None:
    """Read the command line; stop at an accuracy or after a number of epochs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peer", choices=[*LOOPS, "sklearn"])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--in-memory", action="store_true")
    parser.add_argument("--until", type=float, default=2.0, help="accuracy, a fraction")
    arguments = parser.parse_args()
    torch.manual_seed(777)
    training, test = (load_digits("mnist", part, arguments.data) for part in ("train", "test"))
    with tempfile.TemporaryDirectory() as place:
        if arguments.peer == "sklearn":
            epochs = sklearn(training, test)
        else:
            kind = in_memory(training) if arguments.in_memory else as_the_tutorials_do(arguments.data, Path(place))
            epochs = LOOPS[arguments.peer](kind, test)
        for number, (seconds, accuracy) in enumerate(epochs, start=1):
            print(json.dumps({"epoch": number, "seconds": seconds, "test_accuracy": accuracy}), flush=True)
            if number == arguments.epochs or accuracy >= arguments.until:
                break


if __name__ == "__main__":
    main()
