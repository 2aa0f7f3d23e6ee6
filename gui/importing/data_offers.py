"""What the import offers for samples in a file, and the action that takes them over."""

from __future__ import annotations

from engine.core.errors import ExperimentError
from engine.datasets import Dataset
from engine.experiments.changes import with_changes
from engine.experiments.experiment import Experiment
from engine.importing import data_choice
from engine.importing.data_choice import DataChoice, Outlook, Scaling
from engine.importing.fitting import changes_to_learn, learns, output_for
from engine.importing.inspection import FileContents
from engine.session.recipe import Recipe, after
from engine.training.edits import Set
from gui.importing import import_words as words
from gui.importing.offers import DataOffer, Option, Outcome
from gui.look.plain_text import shortened
from gui.text.error_words import sentence

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
