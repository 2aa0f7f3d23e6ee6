"""What the import offers for a file, and the action that takes over what was chosen."""

from __future__ import annotations

from collections.abc import Iterator

from engine.core.errors import ExperimentError, FileError, InitscopeError
from engine.core.problems import Problem
from engine.datasets import Dataset
from engine.experiments.changes import with_changes
from engine.experiments.experiment import Experiment
from engine.importing import data_choice
from engine.importing.data_choice import DataChoice, Outlook, Scaling
from engine.importing.fitting import (
    chain_of,
    changes_to_learn,
    changes_to_start,
    learns,
    output_for,
    shipped_data,
)
from engine.importing.inspection import FileContents
from engine.importing.weight_arrays import StoredNetwork
from engine.session.recipe import Recipe, after
from engine.training.edits import Set
from gui.importing import import_words as words
from gui.importing.offers import DataOffer, Option, Outcome, WeightsChoice, WeightsOffer
from gui.look.plain_text import shortened
from gui.text.error_words import sentence
from gui.text.language import translate
from gui.text.words import widths_text

UNFIT_FOR_NAMES = str.maketrans(dict.fromkeys(map(chr, (*range(32), ord("/"), ord("\\"))), " "))
"""Characters that a file may have in its name and an experiment may not."""


def first_offer(contents: FileContents, recipe: Recipe) -> DataOffer:
    """Return what is offered before anybody has chosen."""
    return _offer(contents, recipe, data_choice.first_choice(contents), fits=None)


def offer_after(
    contents: FileContents, recipe: Recipe, before: DataOffer, choice: DataChoice, fits: bool
) -> DataOffer:
    """Return what is offered after a choice; other targets are taken for what they most likely are."""
    old = before.choice
    if (choice.column, choice.inputs, choice.targets) != (old.column, old.inputs, old.targets):
        return _offer(contents, recipe, data_choice.with_usual_form(contents, choice), fits=None)
    if choice.form != old.form:
        return _offer(contents, recipe, data_choice.with_fitting_scaling(choice), fits=None)
    return _offer(contents, recipe, choice, fits=fits)


def action_of(offer: DataOffer, contents: FileContents, recipe: Recipe) -> Set:
    """Return the action that takes over what was chosen; reads the file.

    Raise InitscopeError where the samples are wrong, or a lane does not fit them.
    """
    document = data_choice.document_of(contents, offer.choice)
    dataset = with_changes(recipe.experiment, [("data", document)]).data.load()
    name = contents.path.stem.translate(UNFIT_FOR_NAMES)[:80]
    also = [("name", name), ("title", ""), ("notes", "")]
    also += changes_to_learn(recipe.experiment, dataset) if offer.fits else []
    action = Set("data", document, tuple(also))
    for lane in after(recipe, action).lanes:
        lane.experiment.check_data(dataset)
    return action


def _offer(contents: FileContents, recipe: Recipe, choice: DataChoice, *, fits: bool | None) -> DataOffer:
    """Return what is offered with a choice; without a word about the network it is changed only where that is needed."""
    problem = data_choice.problem_of(contents, choice)
    outlook = None if problem else data_choice.outlook(contents, choice)
    networks = _networks(recipe, outlook.sketch) if outlook else ()
    if outlook and (fits is None or any(option.refused for option in networks)):
        fits = not all(learns(lane.experiment, outlook.sketch) for lane in recipe.lanes)
    said = _sentences(contents, choice, recipe, outlook, fits=bool(fits)) if outlook else ()
    return DataOffer(
        choice=choice,
        fits=bool(fits),
        inputs=_inputs(contents),
        targets=_targets(contents, choice),
        forms=_forms(contents, choice),
        scalings=_scalings(contents, choice),
        networks=networks,
        divides=not data_choice.has_own_test(contents, choice),
        outcome=Outcome(said, sentence(problem) if problem else ""),
    )


def _inputs(contents: FileContents) -> tuple[Option, ...]:
    if contents.table is not None or contents.idx is not None:
        return ()
    return tuple(
        Option(array.name, shortened(array.name, words.LONGEST_OPTION), words.shape_text(array.shape))
        for array in contents.arrays
    )


def _targets(contents: FileContents, choice: DataChoice) -> tuple[Option, ...]:
    """Return the columns of a table, or the arrays that have as many rows as the inputs."""
    table = contents.table
    if contents.idx is not None:
        return ()
    if table is not None:
        return tuple(
            Option(place, words.column_text(column, table.places[place]), words.range_text(column.as_targets))
            for place, column in enumerate(table.columns)
        )
    inputs = contents.array(choice.inputs)
    named = [
        Option(array.name, shortened(array.name, words.LONGEST_OPTION), words.shape_text(array.shape))
        for array in contents.arrays
        if array is not inputs and array.shape[:1] == inputs.shape[:1]
    ]
    if choice.targets is None or (len(inputs.shape) == 2 and inputs.shape[1] > 1):
        named.append(Option(None, words.last_column_text(inputs)))
    return tuple(named)


def _forms(contents: FileContents, choice: DataChoice) -> tuple[Option, ...]:
    """Return what the targets can be taken for."""
    seen = data_choice.targets_of(contents, choice)
    if contents.idx is not None:
        return ()
    numbers = seen is None or seen.are_numbers
    classes = seen is not None and seen.can_be_classes
    two = seen is not None and seen.different == 2
    forms = {"numbers": numbers, "classes": classes, "one-hot": classes and two}
    return tuple(Option(form, words.form_text(form)) for form, fits in forms.items() if fits)


def _scalings(contents: FileContents, choice: DataChoice) -> tuple[Option, ...]:
    """Return what can be done to inputs, and to targets that are numbers."""
    scalings: tuple[Scaling, ...] = ("none", "unit", "standardize")
    both: tuple[Scaling, ...] = ("both",) if choice.form == "numbers" and contents.idx is None else ()
    return tuple(Option(scaling, words.scaling_text(scaling)) for scaling in (*scalings, *both))


def _networks(recipe: Recipe, sketch: Dataset) -> tuple[Option, ...]:
    """Return what can become of the network: it stays, which may not be possible, or what it ends in is changed."""
    refused = next(filter(None, (_why_not(lane.experiment, sketch) for lane in recipe.lanes)), "")
    return (
        Option(False, words.network_option(fits=False), refused=refused),
        Option(True, words.network_option(fits=True)),
    )


def _why_not(experiment: Experiment, sketch: Dataset) -> str:
    try:
        experiment.check_data(sketch)
    except ExperimentError as error:
        return sentence(error)
    return ""


def _sentences(
    contents: FileContents, choice: DataChoice, recipe: Recipe, outlook: Outlook, *, fits: bool
) -> tuple[str, ...]:
    sketch = outlook.sketch
    widths, seen = recipe.experiment.widths(sketch), data_choice.targets_of(contents, choice)
    network = (
        words.fitted_text((*widths[:-1], sketch.outputs), *output_for(sketch))
        if fits
        else words.network_text(widths)
    )
    return words.samples_text(outlook), words.targets_text(seen, choice.form, sketch.outputs), network


# Weights


def first_weights_offer(contents: FileContents, recipe: Recipe, dataset: Dataset) -> WeightsOffer:
    """Return what is offered before anybody has chosen: the network in the way in which it fits, for all lanes."""
    ways = [way for network in contents.networks for way in network]
    fitting = [way for way in ways if way.widths == recipe.experiment.widths(dataset)]
    way = fitting[0] if fitting else contents.network
    assert way is not None, "the file holds weights"
    return weights_offer(contents, recipe, dataset, WeightsChoice(way.name, way.layers[0].transposed))


def weights_offer(
    contents: FileContents, recipe: Recipe, dataset: Dataset, choice: WeightsChoice
) -> WeightsOffer:
    """Return what is offered after a choice."""
    networks = [network[0] for network in contents.networks]
    lanes = [Option(lane.name, shortened(lane.name, words.LONGEST_OPTION)) for lane in recipe.lanes]
    all_lanes = Option(None, translate("import", "all lanes"))
    return WeightsOffer(
        choice=choice,
        roles=tuple(_roles(contents, choice)),
        networks=tuple(Option(way.name, _name(way)) for way in networks) if len(networks) > 1 else (),
        orientations=tuple(_orientation(contents, choice, turned) for turned in (False, True)),
        lanes=(all_lanes, *lanes) if len(lanes) > 1 else (),
        outcome=_start_outcome(contents, choice, recipe, dataset),
    )


def start_action(offer: WeightsOffer, contents: FileContents, recipe: Recipe, dataset: Dataset) -> Set:
    """Return the action that lets the chosen lanes start from the chosen network; raise InitscopeError if none can."""
    lane = offer.choice.lane
    stored = chosen_network(contents, offer.choice)
    begun = _shown(recipe, lane, dataset, stored)
    (path, value), *also = changes_to_start(begun, dataset, contents.path, stored)
    return Set(path, value, tuple(also), lane=lane)


def chosen_network(contents: FileContents, choice: WeightsChoice) -> StoredNetwork:
    """Return the chosen network, read in the chosen way; in the order in which its matrices fit, if there is one."""
    ways = [
        way
        for network in contents.networks
        for way in network
        if way.name == choice.network and way.layers[0].transposed == choice.rows_are_neurons
    ]
    return next((way for way in ways if way.widths is not None), ways[0])


def _shown(recipe: Recipe, lane: str | None, dataset: Dataset, stored: StoredNetwork) -> Experiment:
    """Return the experiment of a lane; of all lanes, one that has another network than the file, if any has."""
    if lane is not None:
        return recipe.lanes[recipe.index(lane)].experiment
    others = (one.experiment for one in recipe.lanes if one.experiment.widths(dataset) != stored.widths)
    return next(others, recipe.experiment)


def _roles(contents: FileContents, choice: WeightsChoice) -> Iterator[tuple[str, str]]:
    """Yield the arrays of a file that are taken, and for what."""
    weights, biases = translate("import", "W of layer {0}"), translate("import", "biases of layer {0}")
    for number, layer in enumerate(chosen_network(contents, choice).layers, start=1):
        yield layer.weights, weights.format(number)
        if layer.biases is not None:
            yield layer.biases, biases.format(number)


def _name(way: StoredNetwork) -> str:
    return shortened(way.name, words.LONGEST_OPTION) or translate("import", "the only one")


def _orientation(contents: FileContents, choice: WeightsChoice, turned: bool) -> Option:
    """Return one way to read the matrices, with the architecture that it gives."""
    way = chosen_network(contents, WeightsChoice(choice.network, turned, choice.lane))
    label = (
        translate("import", "rows are neurons (PyTorch): {0}")
        if turned
        else translate("import", "columns are neurons (Keras, NumPy): {0}")
    )
    chain = widths_text(way.widths) if way.widths else translate("import", "no network")
    return Option(turned, label.format(chain))


def _start_outcome(
    contents: FileContents, choice: WeightsChoice, recipe: Recipe, dataset: Dataset
) -> Outcome:
    try:
        return Outcome(_start_sentences(contents, choice, recipe, dataset))
    except InitscopeError as error:
        return Outcome(problem=sentence(error))


def _start_sentences(
    contents: FileContents, choice: WeightsChoice, recipe: Recipe, dataset: Dataset
) -> tuple[str, ...]:
    """Return what comes of a choice; raise FileError where the matrices are no network, or have no data."""
    for name, _ in _roles(contents, choice):
        if (problem := contents.array(name).problem) is not None:
            raise problem
    stored = chosen_network(contents, choice)
    widths = chain_of(contents.path, stored)
    is_new = widths != _shown(recipe, choice.lane, dataset, stored).widths(dataset)
    said = words.start_text(widths, choice.lane, is_new=is_new)
    if not is_new or (widths[0], widths[-1]) == (dataset.inputs, dataset.outputs):
        return (said,)
    data = shipped_data(widths)
    if data is None:
        raise FileError(contents.path, Problem.START_NO_DATA, found=widths)
    return said, words.other_data_text(data.label)
