"""The optimisers take the same steps as torch.optim, and their state can be restored."""

from typing import Any

import pytest
import torch
from torch import nn

from digitpad.core.training.config import TrainConfig
from digitpad.core.training.optimizers import FusedOptimizer, TorchOptimizer, one_cycle, schedule_learning_rate

CONFIGS = [
    TrainConfig(optimizer="sgd", learning_rate=0.002),
    TrainConfig(optimizer="sgd", learning_rate=0.002, momentum=0.9, weight_decay=0.01),
    TrainConfig(optimizer="sgd", learning_rate=0.002, momentum=0.8, nesterov=True, schedule="one-cycle"),
    TrainConfig(optimizer="adam", weight_decay=0.1),
    TrainConfig(optimizer="adamw", weight_decay=0.1, schedule="one-cycle"),
]


def network() -> nn.Module:
    torch.manual_seed(1)
    layers = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(4 * 36, 3))
    return layers.to(memory_format=torch.channels_last)


def train(model: nn.Module, optimizer: Any, config: TrainConfig, steps: range) -> None:
    for step in steps:
        schedule_learning_rate(optimizer, config, step, 10)
        optimizer.zero_grad()
        inputs = torch.randn(5, 1, 8, 8, generator=torch.Generator().manual_seed(step))
        model(inputs).square().sum().backward()
        optimizer.step()


@pytest.mark.parametrize("config", CONFIGS)
def test_the_steps_equal_those_of_torch_optim(config: TrainConfig) -> None:
    ours, torchs = network(), network()
    train(ours, FusedOptimizer(list(ours.parameters()), config), config, range(6))
    train(torchs, TorchOptimizer(list(torchs.parameters()), config), config, range(6))
    for mine, other in zip(ours.parameters(), torchs.parameters(), strict=True):
        torch.testing.assert_close(mine, other)


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("kind", [FusedOptimizer, TorchOptimizer])
def test_a_restored_optimiser_continues_exactly(config: TrainConfig, kind: Any) -> None:
    whole, resumed = network(), network()
    optimizer = kind(list(whole.parameters()), config)
    train(whole, optimizer, config, range(3))
    state, weights = optimizer.state_dict(), {name: t.clone() for name, t in whole.state_dict().items()}
    train(whole, optimizer, config, range(3, 6))
    resumed.load_state_dict(weights)
    again = kind(list(resumed.parameters()), config)
    again.load_state_dict(state)
    train(resumed, again, config, range(3, 6))
    for one, other in zip(whole.parameters(), resumed.parameters(), strict=True):
        assert torch.equal(one, other)


def test_the_state_of_another_model_is_refused() -> None:
    model = network()
    optimizer = FusedOptimizer(list(model.parameters()), CONFIGS[3])
    train(model, optimizer, CONFIGS[3], range(1))
    other = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
    with pytest.raises(ValueError, match="exp_avg"):
        FusedOptimizer(list(other.parameters()), CONFIGS[3]).load_state_dict(
            {key: value for key, value in optimizer.state_dict().items() if ".exp_avg" in key}
        )


def test_one_cycle_equals_that_of_torch() -> None:
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0, momentum=0.9)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1.0, total_steps=50)
    for step in range(50):
        rate, momentum = one_cycle(step, 50)
        assert rate == pytest.approx(optimizer.param_groups[0]["lr"])
        assert momentum == pytest.approx(optimizer.param_groups[0]["momentum"])
        optimizer.step()
        if step < 49:
            schedule.step()
