"""What the import offers for weights in a file, and the action that lets lanes start from them."""

from __future__ import annotations

from engine.core.errors import FileError, InitscopeError
from engine.core.problems import Problem
from engine.datasets import Dataset
from engine.experiments.experiment import Experiment
from engine.importing.fitting import chain_of, changes_to_start, shipped_data
from engine.importing.inspection import FileContents
from engine.importing.weight_arrays import StoredNetwork
from engine.session.recipe import Recipe
from engine.training.edits import Set
from gui.importing import import_words as words
from gui.importing.offers import Option, Outcome, WeightsChoice, WeightsOffer
from gui.look.plain_text import shortened
from gui.text.error_words import sentence
from gui.text.language import translate


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
        networks=tuple(Option(way.name, _name(way)) for way in networks) if len(networks) > 1 else (),
        orientations=tuple(_orientation(contents, choice, turned) for turned in (False, True)),
        lanes=(all_lanes, *lanes) if len(lanes) > 1 else (),
        outcome=_outcome(contents, choice, recipe, dataset),
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
    chain = words.widths_text(way.widths) if way.widths else translate("import", "no network")
    return Option(turned, label.format(chain))


def _outcome(contents: FileContents, choice: WeightsChoice, recipe: Recipe, dataset: Dataset) -> Outcome:
    try:
        return Outcome(_sentences(contents, choice, recipe, dataset))
    except InitscopeError as error:
        return Outcome(problem=sentence(error))


def _sentences(
    contents: FileContents, choice: WeightsChoice, recipe: Recipe, dataset: Dataset
) -> tuple[str, ...]:
    """Return what comes of a choice; raise FileError where the matrices are no network, or have no data."""
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
