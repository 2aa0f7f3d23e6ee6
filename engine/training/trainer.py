"""Runs one experiment: the compiled step, the state it works on, and measurements over all samples."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from engine.compile.compiler import compile_measurement, compile_step, over_all_samples
from engine.compile.continuation import works_on_the_same
from engine.compile.step import Step
from engine.core.arrays import Floats
from engine.datasets import Dataset
from engine.experiments.experiment import Experiment
from engine.kinds.classes import hits
from engine.native.lowering import lower
from engine.native.program import Program
from engine.tape.instructions import Instruction, Phase, Renumbering, Tape
from engine.training.draws import BatchOrder, Draws
from engine.training.first_state import starting_parameters


@dataclass(frozen=True)
class Measurement:
    """What a network with given weights does on all samples of a data set.

    `mean_abs_error` is the mean of |output - target| over samples and outputs. `accuracy` is the share of samples,
    between 0 and 1, that are classified correctly; None where targets are no classes.
    """

    loss: float
    mean_abs_error: float
    accuracy: float | None


class Trainer:
    """One experiment in training.

    `step_number` is the number of updates done. The state (state_size,) is one flat vector, first the parameters and
    then what the optimizer remembers of each; it belongs to the moment before update number `step_number`.
    `is_random` says that a step has to draw something, and `draws` draws it. `has_classes` says that the targets
    stand for classes; a single output is above a `threshold` for the second of two. `program` is the whole step for
    the driver; None where a part of it has to be called from Python. The `experiment` is the settled one.
    """

    def __init__(self, experiment: Experiment, dataset: Dataset) -> None:
        """Compile the experiment and put it at step 0; raise ExperimentError where it does not fit the data."""
        experiment.check_data(dataset)
        experiment = experiment.settled(dataset)
        self.experiment: Experiment = experiment
        self.dataset = dataset
        self.layout = experiment.layout(dataset.inputs)
        self.step = compile_step(experiment, self.layout, dataset.x_train, dataset.y_train)
        self.draws = Draws(_batch_order(experiment, dataset), self.step, experiment.seed)
        self.has_classes = experiment.loss.tells_classes(dataset.y_train)
        self.threshold = experiment.loss.threshold(experiment.output_layer.activation, dataset.y_train)
        self.is_random = bool(self.draws)
        self.use(self.step.tape)
        self.initial_state = np.zeros(self.state_size, experiment.float_type)
        self.step_number = 0
        self.begin(experiment)

    def numbers_for(self, experiment: Experiment) -> Renumbering | None:
        """Return the numbers of the step of an experiment on the same data if it differs in nothing else, else None."""
        experiment = experiment.settled(self.dataset)
        return self.step.renumbered(experiment) if works_on_the_same(self.experiment, experiment) else None

    def begin(
        self, experiment: Experiment, numbers: Renumbering | None = None, start: Floats | None = None
    ) -> None:
        """Go to step 0 of an experiment that differs from the present one in numbers only.

        They are `numbers`, which `numbers_for` has found; without them, only seed and initializers differ. `start` are
        its starting parameters (parameters,) if they are known.
        """
        experiment = experiment.settled(self.dataset)
        if self.is_random and experiment.seed != self.experiment.seed:
            self.draws = Draws(_batch_order(experiment, self.dataset), self.step, experiment.seed)
        if numbers is not None:
            self.go_on_with(experiment, numbers)
        self.experiment = experiment
        if start is None:
            start = starting_parameters(experiment, self.layout, self.dataset)
        self.initial_state[: self.layout.size] = start
        self.restore(self.initial_state, 0)

    def go_on_with(self, experiment: Experiment, numbers: Renumbering) -> None:
        """Go on from the present state with the numbers of an experiment, which `numbers_for` has found."""
        self.step.tape.take(numbers)
        self.experiment = experiment.settled(self.dataset)
        for name in ("_all_samples_step", "_gradient_step", "_test_step"):
            self.__dict__.pop(name, None)

    def use(self, tape: Tape) -> None:
        """Work from now on with a tape that is the present one at another place in memory."""
        self.step = replace(self.step, tape=tape)
        self._state = [self.step.theta, *self.step.memory]
        self._only_theta = self._state[0] if len(self._state) == 1 else None
        self._loss = self.step.loss
        self.draws.use(self.step)
        stretches = lower(tape.training_calls())
        self._calls = [call for stretch in stretches for call in stretch.quick_calls()]
        self.program: Program | None = None
        if len(stretches) == 1 and stretches[0].program is not None:
            self.program = Program(stretches[0], self._state, self.draws.arrays, self._loss)

    @property
    def state_size(self) -> int:
        """Return how many numbers a state has."""
        return self.layout.size * (1 + self.experiment.optimizer.state_count)

    @property
    def theta(self) -> Floats:
        """Return the live parameters (parameters,); copy them before they leave this thread."""
        return self._state[0]

    @property
    def loss(self) -> float:
        """Return the loss of the last step or gradient computed: of its batch, before its update."""
        return float(self._loss)

    def restore(self, state: Floats, step_number: int) -> None:
        """Go to a state (state_size,) that was saved before update number `step_number`."""
        for index, part in enumerate(self._state):
            part[...] = state[index * self.layout.size : (index + 1) * self.layout.size]
        self.step.update_number[...] = step_number
        self.step_number = step_number

    def save(self, out: Floats) -> None:
        """Copy the state into `out` (state_size,)."""
        if self._only_theta is not None:
            out[:] = self._only_theta
            return
        size = self.layout.size
        for index, part in enumerate(self._state):
            out[index * size : (index + 1) * size] = part

    def advance(self) -> Floats:
        """Do one update and return the live 0-d loss of it. Call inside `training_conditions()`."""
        if self.is_random:
            self.draw()
        for call in self._calls:
            call()
        self.step_number += 1
        return self._loss

    def instructions(self) -> tuple[Instruction, ...]:
        """Draw what is random in the present step and return its instructions, to be called one by one."""
        self.draw()
        return self.step.tape.instructions

    def compute_gradient(self) -> Floats:
        """Compute loss and gradient of the present state without an update; return the live gradient (parameters,)."""
        self.draw()
        self.step.run(Phase.FORWARD, Phase.LOSS, Phase.BACKWARD)
        return self.step.gradient

    def parameters_after_update(self) -> Floats:
        """Return the parameters (parameters,) after the next update, whose gradient is computed; the state stays."""
        state = np.empty_like(self.initial_state)
        self.save(state)
        self.step.run(Phase.UPDATE)
        after = self.theta.copy()
        self.restore(state, self.step_number)
        return after

    def draw(self) -> None:
        """Draw what is random in the present step."""
        self.draws.draw(self.step_number)

    def measure_training(self) -> Measurement:
        """Measure the present weights on all training samples."""
        return self._measure(self.measured_step, self.dataset.y_train)

    def measurement_of_last_step(self) -> Measurement:
        """Return what `measure_training` would have returned just before the last update, which has computed it itself.

        Only where a step `measures_itself`.
        """
        return self._judge(self.step, self.dataset.y_train)

    def measure_test(self) -> Measurement | None:
        """Measure the present weights on all test samples; None if there are none."""
        if self.dataset.y_test is None or self._test_step is None:
            return None
        return self._measure(self._test_step, self.dataset.y_test)

    def gradient_over_all_samples(self) -> Step:
        """Return the live step on all training samples without dropout, its gradient computed.

        It normalizes as training does: by what these samples are like, not by running averages.
        """
        step = self._gradient_step if self.is_random else self.step  # a full batch is all samples already
        step.run(Phase.FORWARD, Phase.LOSS, Phase.BACKWARD, theta=self.theta)
        return step

    def outputs_for_training_samples(self) -> Floats:
        """Return the live outputs (samples, outputs) for all training samples, as they are measured."""
        self.measured_step.run(Phase.FORWARD, theta=self.theta)
        return self.measured_step.outputs

    @property
    def measures_itself(self) -> bool:
        """Return whether a step computes what `measure_training` does: for all samples, and without running averages."""
        return not self.is_random and not self._keeps_averages

    @property
    def _keeps_averages(self) -> bool:
        return self.step.arrays.averages is not None

    @property
    def measured_step(self) -> Step:
        """Return the live step on all training samples that `measure_training` uses."""
        return self.step if self.measures_itself else self._all_samples_step

    @cached_property
    def _all_samples_step(self) -> Step:
        return self._compile_measurement(self.dataset.x_train, self.dataset.y_train)

    @cached_property
    def _gradient_step(self) -> Step:
        if not self._keeps_averages:
            return self._all_samples_step
        inputs, targets = self.dataset.x_train, self.dataset.y_train
        return compile_step(over_all_samples(self.experiment), self.layout, inputs, targets)

    @cached_property
    def _test_step(self) -> Step | None:
        if self.dataset.x_test is None or self.dataset.y_test is None:
            return None
        return self._compile_measurement(self.dataset.x_test, self.dataset.y_test)

    def _compile_measurement(self, inputs: Floats, targets: Floats) -> Step:
        return compile_measurement(self.experiment, self.layout, inputs, targets)

    def _measure(self, step: Step, targets: Floats) -> Measurement:
        step.run(Phase.FORWARD, Phase.LOSS, theta=self.theta)
        return self._judge(step, targets)

    def _judge(self, step: Step, targets: Floats) -> Measurement:
        with np.errstate(all="ignore"):
            error = float(np.abs(step.outputs - targets).mean())
        accuracy = float(hits(step.outputs, targets, self.threshold).mean()) if self.has_classes else None
        return Measurement(float(step.loss), error, accuracy)


def _batch_order(experiment: Experiment, dataset: Dataset) -> BatchOrder | None:
    batch = experiment.batch
    if batch.size == "full":
        return None
    return BatchOrder(dataset.samples, batch.size, experiment.seed, shuffle=batch.shuffle)
