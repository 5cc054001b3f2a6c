"""One training step with PyTorch, on a device: model, optimiser and training data."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from digitpad.core.errors import MissingDeviceError
from digitpad.core.images.digits import Digits
from digitpad.core.models.networks import DigitModel, build, predicted_classes, select_device
from digitpad.core.models.specs import CNNSpec, Spec, is_rectified, output_of, parameter_count
from digitpad.core.runtime.processors import processor_count
from digitpad.core.training.backpropagation import set_gradients
from digitpad.core.training.config import TrainConfig
from digitpad.core.training.image_augmentation import augment
from digitpad.core.training.losses import objective
from digitpad.core.training.optimizers import Optimizer, optimizer_of

# The largest part of a batch that is computed at once, at most 0.2 s on two cores, so that a pause comes soon.
_MICRO_BATCH = 4096
_MICRO_BATCH_CNN = 256
_WEIGHTS = "weights."
# With fewer multiplications per step a second thread costs more than it saves.
_MIN_PARALLEL_WORK = 50_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Tensors:
    """A data set on the device."""

    images: Tensor  # (n, height, width) uint8
    labels: Tensor  # (n,) int64
    peak: int

    @classmethod
    def of(cls, digits: Digits, device: torch.device) -> "Tensors":
        """Move a data set to a device."""
        # Share memory with NumPy where possible; torch warns about read-only arrays.
        shares = digits.images.flags.writeable and device.type == "cpu"
        images = torch.from_numpy(digits.images) if shares else torch.tensor(digits.images, device=device)
        return cls(images, torch.tensor(digits.labels, device=device).long(), digits.peak)

    def pixels(self, chosen: Tensor | slice, dtype: torch.dtype = torch.float32) -> Tensor:
        """Return images (n, height, width) in [0, 1]."""
        return self.raw(chosen, dtype).div_(self.peak)

    def raw(self, chosen: Tensor | slice, dtype: torch.dtype) -> Tensor:
        """Return images (n, height, width) in [0, peak]."""
        # index_select is three times as fast as indexing with a tensor.
        images = self.images[chosen] if isinstance(chosen, slice) else self.images.index_select(0, chosen)
        return images.to(dtype)


@dataclass(frozen=True, slots=True, eq=False)
class TrainStep:
    """Model, optimiser and training data of a training."""

    config: TrainConfig
    device: torch.device
    model: DigitModel
    optimizer: Optimizer
    data: Tensors
    uses_bfloat16: bool  # for the layers; softmax and gradients are float32

    @classmethod
    def of(cls, spec: Spec, config: TrainConfig, training: Digits) -> "TrainStep":
        """Start with new weights, drawn from the settings' seed."""
        device = find_device(config.device)
        _set_thread_count(spec, config.full_batch_size(len(training)))
        torch.manual_seed(config.seed)
        model = build(spec).to(device)
        if isinstance(spec, CNNSpec):
            # The memory order that convolutions read: 1.5 times as fast.
            model = model.to(memory_format=torch.channels_last)
        for layer in model.layers:
            if isinstance(layer, nn.ReLU):
                layer.inplace = True  # no layer before it needs its output again
        data, optimizer = Tensors.of(training, device), optimizer_of(model, config)
        return cls(config, device, model, optimizer, data, _uses_bfloat16(config.precision, device))

    @property
    def samples_per_epoch(self) -> int:
        """The number of images that an epoch trains on."""
        count = len(self.data.labels)
        return min(count, self.config.steps_per_epoch(count) * self.config.full_batch_size(count))

    @property
    def _pixel_type(self) -> torch.dtype:
        # If the first layer rounds to bfloat16 anyway, copy half the bytes; distortions are computed in float32.
        return torch.bfloat16 if self.uses_bfloat16 and not self.config.augmentation else torch.float32

    def _pixels(self, chosen: Tensor, rng: torch.Generator) -> Tensor:
        """Return images (n, height, width) in [0, 1], distorted if the settings ask for it."""
        pixels = self.data.pixels(chosen, self._pixel_type)
        return augment(pixels, self.config.augmentation, rng) if self.config.augmentation else pixels

    def _inputs(self, chosen: Tensor, rng: torch.Generator) -> Tensor:
        """Return the input of the first linear layer, (n, features), in the precision of the layers."""
        if self.config.augmentation:
            inputs = self.model.prepared(self._pixels(chosen, rng))
        else:
            # One division for both scales: the peak and the normalisation.
            inputs = self.model.prepared(self.data.raw(chosen, self._pixel_type), self.data.peak)
        return inputs.to(torch.bfloat16 if self.uses_bfloat16 else torch.float32)

    @property
    def _has_manual_gradients(self) -> bool:
        return is_rectified(self.model.spec) and self.config.loss == "cross-entropy"

    @property
    def micro_batch(self) -> int:
        """The largest number of images that is computed at once."""
        return _MICRO_BATCH_CNN if isinstance(self.model.spec, CNNSpec) else _MICRO_BATCH

    def state_dict(self) -> dict[str, np.ndarray]:
        """Return copies of the weights and of the optimiser's state."""
        weights = {f"{_WEIGHTS}{name}": t.cpu().numpy().copy() for name, t in self.model.state_dict().items()}
        return {**weights, **self.optimizer.state_dict()}

    def load_state_dict(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Restore what `state_dict` returned."""
        weights = {k.removeprefix(_WEIGHTS): torch.tensor(v) for k, v in arrays.items() if k.startswith(_WEIGHTS)}
        self.model.load_state_dict(weights)
        self.optimizer.load_state_dict(arrays)

    def take_step(self, batch: Tensor, rng: torch.Generator) -> Generator[int, None, tuple[float, int]]:
        """Take one step; return the summed objective before it, without smoothing, and how many images were right.

        A large batch is split into parts, whose gradients are added, and the number of images done is yielded between
        them. Batch norm sees the parts.
        """
        self.optimizer.zero_grad()
        if self._has_manual_gradients and len(batch) <= _MICRO_BATCH:
            total, right = self._set_gradients(batch, rng)
        else:
            total = right = done = 0
            for part in batch.split(self.micro_batch) if len(batch) > _MICRO_BATCH else (batch,):
                if done:
                    yield done
                part_total, part_right = self._add_gradients(part, rng, len(batch))
                total, right, done = total + part_total, right + part_right, done + len(part)
        self.optimizer.step()
        return total, right

    def _set_gradients(self, batch: Tensor, rng: torch.Generator) -> tuple[float, int]:
        """Set the gradients by manual backpropagation."""
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
            # Report the loss without smoothing, comparable with that of the test images.
            with torch.no_grad():
                loss = objective(self.model, logits, labels, self.config.loss)
        return loss.item(), int((predicted_classes(logits, output_of(self.model.spec)) == labels).sum())


def _set_thread_count(spec: Spec, batch: int) -> None:
    """Use all processors for large steps and one for small ones."""
    # A CNN uses each of its weights many times.
    multiplications = batch * parameter_count(spec) * (50 if isinstance(spec, CNNSpec) else 1)
    torch.set_num_threads(processor_count() if multiplications >= _MIN_PARALLEL_WORK else 1)


def find_device(name: str) -> torch.device:
    """Return a device, see `select_device`; raise MissingDeviceError if this machine does not have it."""
    try:
        device = select_device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise MissingDeviceError(
            "this machine has no device “{device}”: choose “auto” to use the best one it has", device=name
        ) from error
    return device


def _uses_bfloat16(precision: str, device: torch.device) -> bool:
    if precision != "auto":
        return precision == "bfloat16"
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    return device.type == "cpu" and torch.cpu._is_avx512_bf16_supported()  # noqa: SLF001 - no public function
