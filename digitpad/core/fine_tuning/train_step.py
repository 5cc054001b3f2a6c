"""One step of fine-tuning, on the user's digits and rehearsed images, with the old model's outputs as targets."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from digitpad.core.errors import DigitpadError
from digitpad.core.fine_tuning.batches import Pool, augmented_batch
from digitpad.core.fine_tuning.events import FineTuneSettings
from digitpad.core.models.networks import DigitModel, frozen_copy, quick_copy
from digitpad.core.models.specs import CNNSpec, output_of
from digitpad.core.training.config import Loss, TrainConfig
from digitpad.core.training.losses import objective
from digitpad.core.training.optimizers import Optimizer, optimizer_of, schedule_learning_rate

_LOSSES: dict[str, Loss] = {"softmax": "cross-entropy", "sigmoid": "binary-cross-entropy", "linear": "mse"}
_TEMPERATURE = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class FineTuner:
    """A copy of the old model in training; batch norms keep their statistics, and dropout is off."""

    model: DigitModel
    old: DigitModel
    my_digits: Pool
    rehearsed: Pool
    settings: FineTuneSettings
    config: TrainConfig
    optimizer: Optimizer
    steps: int
    rng: torch.Generator
    anchors: tuple[Tensor, ...]  # the old weights, if the new ones are drawn back to them

    @classmethod
    def of(
        cls,
        old: DigitModel,
        my_digits: Pool,
        rehearsed: Pool,
        settings: FineTuneSettings,
        steps: int,
        seed: int,
        *,
        is_anchored: bool,
    ) -> "FineTuner":
        """Start; if anchored, draw the weights back to the old ones and distort the rehearsed images."""
        model = frozen_copy(old).requires_grad_(requires_grad=True)  # in evaluation mode
        if isinstance(model.spec, CNNSpec):
            model = model.to(memory_format=torch.channels_last)
        rate = settings.peak_learning_rate(has_base=not is_anchored)
        config = TrainConfig(optimizer="adam", learning_rate=rate, schedule="one-cycle")
        anchors = tuple(weights.detach().clone() for weights in model.parameters()) if is_anchored else ()
        rng = torch.Generator().manual_seed(seed)
        return cls(
            model,
            quick_copy(old),
            my_digits,
            rehearsed,
            settings,
            config,
            optimizer_of(model, config),
            steps,
            rng,
            anchors,
        )

    def step(self, number: int) -> float:
        """Take a step, counted from 1, and return the loss of its batch before it.

        Raise DigitpadError if the loss is infinite or not a number.
        """
        schedule_learning_rate(self.optimizer, self.config, number - 1, self.steps)
        mine = augmented_batch(self.my_digits, self.settings.my_digits_per_batch, self.rng)
        old = self._old_batch()
        pixels, labels = torch.cat([mine[0], old[0]]), torch.cat([mine[1], old[1]])
        with torch.no_grad():
            old_logits = self.old(old[0])
        with torch.enable_grad():
            logits = self.model(pixels)
            loss = objective(self.model, logits, labels, _LOSSES[output_of(self.model.spec)]) / len(labels)
            total = loss + self.settings.distillation * _difference(self.model, logits[len(mine[0]) :], old_logits)
            if self.anchors:
                total = total + self.settings.anchoring * self._distance()
            self.optimizer.zero_grad()
            total.backward()
        _check(is_finite=math.isfinite(total.item()))
        self.optimizer.step()
        return loss.item()

    def trained(self) -> DigitModel:
        """Return a copy of the model; raise DigitpadError if its weights are not finite."""
        model = frozen_copy(self.model)
        _check(is_finite=all(bool(torch.isfinite(weights).all()) for weights in model.parameters()))
        return model

    def _old_batch(self) -> tuple[Tensor, Tensor]:
        # The built-in digits are few, so they are distorted.
        draw = augmented_batch if self.anchors else Pool.batch
        return draw(self.rehearsed, self.settings.rehearsed_per_batch, self.rng)

    def _distance(self) -> Tensor:
        pairs = zip(self.model.parameters(), self.anchors, strict=True)
        return torch.stack([functional.mse_loss(new, old, reduction="sum") for new, old in pairs]).sum()


def _check(*, is_finite: bool) -> None:
    """Raise DigitpadError if a loss or the weights are not finite."""
    if not is_finite:
        raise DigitpadError("the weights of this model are too large to train it further: choose another model")


def _difference(model: DigitModel, logits: Tensor, old: Tensor) -> Tensor:
    """Return the distance of outputs from the old ones, from logits (n, 10), a mean over the images."""
    if output_of(model.spec) != "softmax":
        return functional.mse_loss(model.outputs(logits), model.outputs(old), reduction="sum") / len(old)
    new, former = ((each / _TEMPERATURE).log_softmax(dim=1) for each in (logits, old))
    divergence = functional.kl_div(new, former, reduction="batchmean", log_target=True)
    return divergence * _TEMPERATURE**2  # so that the temperature does not scale the gradient
