"""A model that learns: its data and optimiser on a device, and one step."""

import os
from collections.abc import Generator
from dataclasses import dataclass

import torch
from torch import Tensor

from digitpad.core.errors import DigitpadError, MissingDeviceError
from digitpad.core.images.digits import Digits
from digitpad.core.models.networks import DigitModel, build, predicted_classes, select_device
from digitpad.core.models.specs import CNNSpec, Spec, is_rectified, parameter_count
from digitpad.core.training.backpropagation import set_gradients
from digitpad.core.training.config import TrainConfig
from digitpad.core.training.early_stopping import EarlyStopping
from digitpad.core.training.events import TrainerState
from digitpad.core.training.image_augmentation import augment
from digitpad.core.training.losses import objective
from digitpad.core.training.optimizers import Optimizer, optimizer_of

# Images that are worked on in one go, so that a pause is never far: a fifth of a second or less on two cores.
_AT_ONCE = 4096
_AT_ONCE_CNN = 256
_WEIGHTS = "weights."
# Below so many multiplications a step a second thread costs more than it brings.
_WORTH_SHARING = 50_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Tensors:
    """A data set on the device."""

    images: Tensor  # (n, height, width) uint8
    labels: Tensor  # (n,) int64
    peak: int

    @classmethod
    def of(cls, digits: Digits, device: torch.device) -> "Tensors":
        """Put a data set on a device."""
        # What can be shared with NumPy is; torch warns of arrays that may not be written to.
        shares = digits.images.flags.writeable and device.type == "cpu"
        images = torch.from_numpy(digits.images) if shares else torch.tensor(digits.images, device=device)
        return cls(images, torch.tensor(digits.labels, device=device).long(), digits.peak)

    def pixels(self, chosen: Tensor | slice, dtype: torch.dtype = torch.float32) -> Tensor:
        """Return images (n, height, width) in [0, 1]."""
        return self.raw(chosen, dtype).div_(self.peak)

    def raw(self, chosen: Tensor | slice, dtype: torch.dtype) -> Tensor:
        """Return images (n, height, width) in [0, peak]."""
        # index_select takes a third of the time that indexing with a tensor does.
        some = self.images[chosen] if isinstance(chosen, slice) else self.images.index_select(0, chosen)
        return some.to(dtype)


@dataclass(frozen=True, slots=True, eq=False)
class TorchTrainer:
    """What an epoch works with."""

    config: TrainConfig
    device: torch.device
    model: DigitModel
    optimizer: Optimizer
    data: Tensors
    uses_bfloat16: bool  # whether layers compute in bfloat16

    @classmethod
    def of(cls, spec: Spec, config: TrainConfig, training: Digits) -> "TorchTrainer":
        """Begin with fresh weights, drawn by the settings' seed."""
        device = _device(config.device)
        _share_work(spec, config.full_batch_size(len(training)))
        torch.manual_seed(config.seed)
        model = build(spec).to(device)
        if isinstance(spec, CNNSpec):
            # The order that convolutions read in: half as much time again without it.
            model = model.to(memory_format=torch.channels_last)
        is_low = _low_precision(config.precision, device)
        return cls(config, device, model, optimizer_of(model, config), Tensors.of(training, device), is_low)

    @property
    def samples_per_epoch(self) -> int:
        """Images that an epoch learns from."""
        count = len(self.data.labels)
        return min(count, self.config.steps_per_epoch(count) * self.config.full_batch_size(count))

    @property
    def _pixel_type(self) -> torch.dtype:
        # Where the first layer rounds them anyway, half the bytes are moved; distortions are worked out in full.
        return torch.bfloat16 if self.uses_bfloat16 and not self.config.augmentation else torch.float32

    def _pixels(self, chosen: Tensor, rng: torch.Generator) -> Tensor:
        """Return images (n, height, width) in [0, 1], distorted where the settings say so."""
        pixels = self.data.pixels(chosen, self._pixel_type)
        return augment(pixels, self.config.augmentation, rng) if self.config.augmentation else pixels

    def _inputs(self, chosen: Tensor, rng: torch.Generator) -> Tensor:
        """Return what the first of linear layers gets, (n, features), in the precision that they compute in."""
        if self.config.augmentation:
            inputs = self.model.prepared(self._pixels(chosen, rng))
        else:
            # One division does for both scales.
            inputs = self.model.prepared(self.data.raw(chosen, self._pixel_type), self.data.peak)
        return inputs.to(torch.bfloat16 if self.uses_bfloat16 else torch.float32)

    @property
    def _is_written_out(self) -> bool:
        return is_rectified(self.model.spec) and self.config.loss == "cross-entropy"

    @property
    def micro_batch(self) -> int:
        """Images that are worked on in one go."""
        return _AT_ONCE_CNN if isinstance(self.model.spec, CNNSpec) else _AT_ONCE

    def state(self, epoch: int, patience: EarlyStopping) -> TrainerState:
        """Return copies of all that going on after an epoch needs."""
        weights = {f"{_WEIGHTS}{name}": t.cpu().numpy().copy() for name, t in self.model.state_dict().items()}
        return TrainerState(epoch, {**weights, **self.optimizer.state_dict()}, patience.notes())

    def restore(self, state: TrainerState) -> None:
        """Go back to where `state` was taken."""
        arrays = {k.removeprefix(_WEIGHTS): torch.tensor(v) for k, v in state.arrays.items() if k.startswith(_WEIGHTS)}
        try:
            self.model.load_state_dict(arrays)
            self.optimizer.load_state_dict(state.arrays)
        except (RuntimeError, ValueError, TypeError, KeyError) as error:
            raise DigitpadError("the saved state is of another model than the settings say: start a new run") from error

    def take_step(self, batch: Tensor, rng: torch.Generator) -> Generator[int, None, tuple[float, int]]:
        """Take one step; return the objective's sum before it, without smoothing, and how many images were right.

        A batch too large to be worked on at once is taken in parts whose gradients add up; batch norm then sees the
        parts, and how many images are done is yielded between them.
        """
        self.optimizer.zero_grad()
        if self._is_written_out and len(batch) <= _AT_ONCE:
            total, right = self._set_gradients(batch, rng)
        else:
            total = right = done = 0
            for part in batch.split(self.micro_batch) if len(batch) > _AT_ONCE else (batch,):
                if done:
                    yield done
                more, more_right = self._add_gradients(part, rng, len(batch))
                total, right, done = total + more, right + more_right, done + len(part)
        self.optimizer.step()
        return total, right

    def _set_gradients(self, batch: Tensor, rng: torch.Generator) -> tuple[float, int]:
        """Set the gradients by backpropagation written out."""
        smoothing, dropout = self.config.label_smoothing, getattr(self.model.spec, "dropout", 0.0)
        labels, inputs = self.data.labels.index_select(0, batch), self._inputs(batch, rng)
        return set_gradients(self.model.linear_layers, inputs, labels, smoothing=smoothing, dropout=dropout)

    def _add_gradients(self, part: Tensor, rng: torch.Generator, count: int) -> tuple[float, int]:
        """Add a part's share of the gradients of `count` images, by autograd."""
        labels, pixels = self.data.labels.index_select(0, part), self._pixels(part, rng)
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.uses_bfloat16):
            logits = self.model(pixels)
        loss = objective(self.model, logits, labels, self.config.loss, self.config.label_smoothing)
        (loss / count).backward()
        if self.config.label_smoothing:
            # What is told can be compared with the test images', whose labels nobody smooths.
            with torch.no_grad():
                loss = objective(self.model, logits, labels, self.config.loss)
        return loss.item(), int((predicted_classes(logits) == labels).sum())


def _share_work(spec: Spec, batch: int) -> None:
    """Choose the number of this thread's helpers: all processors for real work, none for little steps.

    A CNN's weights are used many times over, so its parameters say little of its work.
    """
    multiplications = batch * parameter_count(spec) * (50 if isinstance(spec, CNNSpec) else 1)
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    torch.set_num_threads(processors if multiplications >= _WORTH_SHARING else 1)


def check_device(name: str) -> None:
    """Raise MissingDeviceError where a device is not on this machine."""
    _device(name)


def _device(name: str) -> torch.device:
    try:
        device = select_device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise MissingDeviceError(
            "device {name!r} is not on this machine: choose the device 'auto', which takes what there is", name=name
        ) from error
    return device


def _low_precision(precision: str, device: torch.device) -> bool:
    if precision != "auto":
        return precision == "bfloat16"
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    return device.type == "cpu" and torch.cpu._is_avx512_bf16_supported()  # noqa: SLF001 - there is no public name
