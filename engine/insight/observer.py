"""One observer of a run: it is given a step and what is asked about it, and returns the complete, immutable answer."""

from __future__ import annotations

from functools import cache, cached_property, partial
from math import isfinite

from engine.core.arrays import Floats, locked
from engine.health.health_check import HealthCheck
from engine.insight.data_space import DataSpace
from engine.insight.explanation import explain_pair, layer_causes, pair_of_group
from engine.insight.marks import MarkFinder
from engine.insight.replayer import Replayer
from engine.insight.run_curves import RunCurves
from engine.insight.scorer import Computed
from engine.insight.tracer import walk_through
from engine.model.layout import Layout
from engine.report.answers import Insight, NeuronMap, Why
from engine.report.condition import Divergence, Health
from engine.report.curve import Curve, Mark
from engine.report.equality import LayerPrediction, LayerSymmetry
from engine.report.probes import NeuronPlace, Pair, Probes, pair_in
from engine.report.snapshot import LaneSnapshot, LayerSnapshot
from engine.symmetry.groups import count_distinct, layer_symmetry
from engine.symmetry.prediction import predict
from engine.symmetry.quotient import quotient_of

WINDOW_SAMPLES = 500
"""Losses of mini-batches are averaged over this many samples, or over an epoch where that is shorter."""


class Observer:
    """Answers what is asked about the steps of one run.

    `computed` is what the last step observed has computed over all samples, for those that measure more of it. Every
    question may move the trainer of the replayer; `observe` asks them in an order in which none disturbs another.
    """

    def __init__(self, replayer: Replayer) -> None:
        self._replayer = replayer
        self._trainer = replayer.trainer
        self._curves = RunCurves(replayer)
        self._divergence: Divergence | None = None
        self._check = cache(partial(HealthCheck, replayer.trainer))
        self._marks = MarkFinder(replayer, self._check)
        self._predictions: dict[int, tuple[LayerPrediction, ...]] = {}
        self._health: Health | None = None
        self.computed = Computed(self._trainer.theta)

    def take_over(self, other: Observer) -> None:
        """Use what another observer of the same trainer has compiled for the same network."""
        if "_space" in other.__dict__:
            self.__dict__["_space"] = other.__dict__["_space"]

    def begin_again(self) -> None:
        """Forget what was found out: the run starts anew."""
        self._replayer.begin_again()
        self._curves.begin_again()
        self._marks.begin_again()
        self._divergence = None
        self._predictions = {}
        self._health = None

    def grows(self, probes: Probes) -> bool:
        """Return whether the same step will show more next time: gradient curves and marks come little by little."""
        gradients = probes.gradients and not self._curves.has_all_gradients
        return gradients or (probes.marks and not self._marks.is_complete(self._divergence))

    def observe(self, step: int, probes: Probes, lane: int, name: str) -> LaneSnapshot:
        """Return all that is shown of a recorded step; `lane` is the number of the run, which some probes name."""
        before = self._look_back(step, probes, asked=probes.lane == lane)
        losses_before = self._curves.losses_before(step, self._smoothing - 1)
        trainer = self._replayer.visit(step)
        self._curves.extend()
        gradient = locked(trainer.compute_gradient())
        theta, loss = locked(trainer.theta), trainer.loss
        outputs = trainer.step.outputs.copy() if probes.scores and trainer.measures_itself else None
        self.computed = Computed(theta, outputs, loss)
        symmetries = layer_symmetry(trainer.layout, theta, probes.tolerance)
        spreads = self._curves.spreads()
        return LaneSnapshot(
            name=name,
            experiment=trainer.experiment,
            image_shape=trainer.dataset.image_shape,
            loss=loss,
            layout=trainer.layout,
            theta=theta,
            gradient=gradient,
            change=None if before is None else locked(theta - before),
            layers=tuple(
                _layer_snapshot(trainer.layout, index, theta, gradient, symmetry)
                for index, symmetry in enumerate(symmetries)
            ),
            loss_curve=self._curves.loss(),
            spread_curves=spreads,
            divergence=self._divergence,
            insight=self._insight(probes, lane, symmetries, spreads),
            baseline=self._baseline,
            mean_loss=(float(losses_before.sum()) + loss) / (len(losses_before) + 1),
            smoothing=self._smoothing,
            has_classes=trainer.has_classes,
            dataset=trainer.dataset,
            marks=self._known_marks() if probes.marks else (),
            has_all_marks=not probes.marks or self._marks.is_complete(self._divergence),
        )

    def _known_marks(self) -> tuple[Mark, ...]:
        return self._marks.marks(self._divergence, self._baseline, self._smoothing)

    def _look_back(self, step: int, probes: Probes, *, asked: bool) -> Floats | None:
        """Find out what moves the trainer to other steps; return the parameters before the last update, if asked for."""
        if self._divergence is None:
            self._divergence = self._replayer.find_divergence()
        if probes.gradients:
            self._curves.extend_gradients()
        if probes.causes and asked:
            self._predict(step)
        if probes.marks and self._may_look_for_marks(probes):
            self._marks.extend(self._divergence, at_rest=probes.at_rest)
        return self._replayer.parameters_before(step) if probes.change else None

    def _may_look_for_marks(self, probes: Probes) -> bool:
        """Return whether looks at recorded steps take no time that training needs: none is computed again."""
        return probes.at_rest or (bool(probes.alarms) and self._replayer.past.history.stride == 1)

    def _predict(self, step: int) -> None:
        """Predict from the last edit before a step on, or from the start: an edit changes what becomes of a run."""
        start, _ = self._replayer.past.start(self._trainer.initial_state, step)
        if start not in self._predictions:
            self._predictions[start] = predict(self._replayer.visit(start))

    def _insight(
        self, probes: Probes, lane: int, symmetries: tuple[LayerSymmetry, ...], spreads: tuple[Curve, ...]
    ) -> Insight:
        """Answer the probes at the visited step, whose gradient is computed; leave the trainer at this step."""
        asked = probes.lane == lane
        space = self._space if probes.space else None
        theta = self._trainer.theta
        return Insight(
            why=self._why(probes, symmetries) if asked and probes.causes else None,
            gradient_curves=self._curves.gradients() if probes.gradients else (),
            space=space.maps(theta) if space else None,
            predictions=space.predictions(theta) if space else None,
            neuron_map=self._neuron_map(probes.neuron, lane),
            small=quotient_of(self._trainer) if asked and probes.small else None,
            similarity=self._check().similarity(spreads) if asked and probes.health else None,
            walk=walk_through(self._trainer) if probes.walk else None,
            health=self._last_health(is_due=(asked and probes.health) or lane in probes.alarms),
        )

    def _last_health(self, *, is_due: bool) -> Health | None:
        """Return the health at the visited step where it is due, else what was seen last, at whatever step."""
        if is_due and (self._health is None or self._health.step != self._trainer.step_number):
            self._health = self._check().look()
        return self._health

    @cached_property
    def _smoothing(self) -> int:
        """Return over how many steps the loss of a mini-batch is averaged."""
        batch, samples = self._trainer.experiment.batch.size, self._trainer.dataset.samples
        return 1 if batch == "full" else max(1, round(min(samples, WINDOW_SAMPLES) / batch))

    @cached_property
    def _baseline(self) -> float | None:
        """Return the smallest loss of a step that outputs which ignore the inputs can have, None if that is too large."""
        trainer = self._trainer
        loss, batch, samples = trainer.experiment.loss, trainer.experiment.batch.size, trainer.dataset.samples
        share = 1.0 if batch == "full" else loss.share_of_batch(batch, samples)
        least = share * loss.baseline(trainer.dataset.y_train, trainer.experiment.output_layer.activation)
        return least if isfinite(least) else None

    @cached_property
    def _space(self) -> DataSpace | None:
        return DataSpace(self._trainer) if self._trainer.dataset.inputs == 2 else None

    def _why(self, probes: Probes, symmetries: tuple[LayerSymmetry, ...]) -> Why:
        trainer = self._trainer
        start, _ = self._replayer.past.start(trainer.initial_state, trainer.step_number)
        prediction, pair = self._predictions[start], _pair(probes.pair, symmetries[:-1])
        return Why(
            symmetries=layer_symmetry(trainer.layout, trainer.theta) if probes.tolerance else symmetries,
            causes=layer_causes(trainer),
            prediction=prediction,
            pair=explain_pair(trainer, pair, is_proved=prediction[pair.layer - 1].is_exact) if pair else None,
        )

    def _neuron_map(self, place: NeuronPlace | None, lane: int) -> NeuronMap | None:
        if place is None or place.lane != lane or self._space is None:
            return None
        widths, ref = self._trainer.layout.widths, place.ref
        if ref.layer >= len(widths) or ref.neuron >= widths[ref.layer]:
            return None  # it was asked for when another experiment was on the screen
        maps = self._space.neuron_maps(self._trainer.theta, place.ref.layer)
        return NeuronMap(place, maps[place.ref.neuron])


def _pair(asked: Pair | None, hidden: tuple[LayerSymmetry, ...]) -> Pair | None:
    """Return the pair asked for if the `hidden` layers have it, or two of the first group, or any two."""
    if asked and 1 <= asked.layer <= len(hidden):
        labels = hidden[asked.layer - 1].labels
        first, second = asked.first.neuron, asked.second.neuron
        if max(first, second) < len(labels) > 1:
            return asked if first != second else pair_in(asked.layer, first, _partner(first, labels))
    for layer, symmetry in enumerate(hidden, start=1):
        if group := pair_of_group(symmetry.labels, 0):
            return pair_in(layer, *group)
    return next(
        (pair_in(layer, 0, 1) for layer, found in enumerate(hidden, start=1) if found.units > 1), None
    )


def _partner(neuron: int, labels: tuple[int, ...]) -> int:
    """Return another neuron of the same group, or the next one where there is none."""
    others = (other for other, label in enumerate(labels) if label == labels[neuron] and other != neuron)
    return next(others, (neuron + 1) % len(labels))


def _layer_snapshot(
    layout: Layout, index: int, theta: Floats, gradient: Floats, symmetry: LayerSymmetry
) -> LayerSnapshot:
    block, norm = layout.blocks[index], layout.norms[index]
    return LayerSnapshot(
        weights=block.weights(theta),
        gradient=block.weights(gradient),
        biases=block.biases(theta),
        bias_gradient=block.biases(gradient),
        symmetry=symmetry,
        gradient_columns=count_distinct(layout.columns(index, gradient).T),
        learnt=norm and norm.learnt(theta),
        learnt_gradient=norm and norm.learnt(gradient),
    )
