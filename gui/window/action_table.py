"""What can be done in the window, as a table: menus, buttons, keys and the help page are made from it."""

from __future__ import annotations

from dataclasses import dataclass

from gui.text.language import QT_TRANSLATE_NOOP


@dataclass(frozen=True)
class ActionSpec:
    """One thing that can be done: where it stands in the menus, its key, its icon and what it does in a sentence."""

    id: str
    menu: str
    text: str
    tip: str
    key: str = ""
    icon: str = ""
    checkable: bool = False


FILE, EDIT, RUN, VIEW, SCENES, HELP = (
    QT_TRANSLATE_NOOP("actions", "&File"),
    QT_TRANSLATE_NOOP("actions", "&Edit"),
    QT_TRANSLATE_NOOP("actions", "&Training"),
    QT_TRANSLATE_NOOP("actions", "&View"),
    QT_TRANSLATE_NOOP("actions", "S&cenes"),
    QT_TRANSLATE_NOOP("actions", "&Help"),
)
ACTIONS = (
    ActionSpec(
        "new",
        FILE,
        QT_TRANSLATE_NOOP("actions", "&New experiment"),
        QT_TRANSLATE_NOOP("actions", "Begin with a small network on two circles"),
        "Ctrl+N",
    ),
    ActionSpec(
        "open",
        FILE,
        QT_TRANSLATE_NOOP("actions", "&Open…"),
        QT_TRANSLATE_NOOP("actions", "Open an experiment or a session"),
        "Ctrl+O",
    ),
    ActionSpec(
        "save",
        FILE,
        QT_TRANSLATE_NOOP("actions", "&Save…"),
        QT_TRANSLATE_NOOP(
            "actions", "Save the experiment, everything that was done to it, and how it is looked at"
        ),
        "Ctrl+S",
    ),
    ActionSpec(
        "save_experiment",
        FILE,
        QT_TRANSLATE_NOOP("actions", "Save as e&xperiment…"),
        QT_TRANSLATE_NOOP("actions", "Save the lanes as the variants of an experiment"),
    ),
    ActionSpec(
        "copy_code",
        FILE,
        QT_TRANSLATE_NOOP("actions", "Copy experiment as short &code"),
        QT_TRANSLATE_NOOP("actions", "Copy the whole experiment as a line of text, for slides and chats"),
        "Ctrl+Shift+K",
    ),
    ActionSpec(
        "paste_code",
        FILE,
        QT_TRANSLATE_NOOP("actions", "&Paste short code"),
        QT_TRANSLATE_NOOP("actions", "Open the experiment whose short code is in the clipboard"),
        "Ctrl+V",
    ),
    ActionSpec(
        "export_figure",
        FILE,
        QT_TRANSLATE_NOOP("actions", "&Export figure…"),
        QT_TRANSLATE_NOOP("actions", "Save lanes and curves as PNG or SVG"),
        "Ctrl+E",
    ),
    ActionSpec(
        "screenshot",
        FILE,
        QT_TRANSLATE_NOOP("actions", "Save s&creenshot…"),
        QT_TRANSLATE_NOOP("actions", "Save a picture of the window"),
        "Ctrl+Shift+S",
    ),
    ActionSpec(
        "copy_figure",
        FILE,
        QT_TRANSLATE_NOOP("actions", "&Copy figure"),
        QT_TRANSLATE_NOOP("actions", "Copy lanes and curves to the clipboard"),
        "Ctrl+Shift+C",
    ),
    ActionSpec(
        "quit",
        FILE,
        QT_TRANSLATE_NOOP("actions", "&Quit"),
        QT_TRANSLATE_NOOP("actions", "Close the window"),
        "Ctrl+Q",
    ),
    ActionSpec(
        "undo",
        EDIT,
        QT_TRANSLATE_NOOP("actions", "&Undo"),
        QT_TRANSLATE_NOOP("actions", "Undo what was done last"),
        "Ctrl+Z",
    ),
    ActionSpec(
        "redo",
        EDIT,
        QT_TRANSLATE_NOOP("actions", "&Redo"),
        QT_TRANSLATE_NOOP("actions", "Do again what was undone"),
        "Ctrl+Shift+Z",
    ),
    ActionSpec(
        "play",
        RUN,
        QT_TRANSLATE_NOOP("actions", "&Play"),
        QT_TRANSLATE_NOOP("actions", "Train, or stop training"),
        "Space",
        "play",
    ),
    ActionSpec(
        "step_forward",
        RUN,
        QT_TRANSLATE_NOOP("actions", "Step &forward"),
        QT_TRANSLATE_NOOP("actions", "One step forward"),
        "Right",
        "forward",
    ),
    ActionSpec(
        "step_back",
        RUN,
        QT_TRANSLATE_NOOP("actions", "Step &back"),
        QT_TRANSLATE_NOOP("actions", "One step back"),
        "Left",
        "back",
    ),
    ActionSpec(
        "ten_forward",
        RUN,
        QT_TRANSLATE_NOOP("actions", "Ten steps forward"),
        QT_TRANSLATE_NOOP("actions", "Ten steps forward"),
        "Shift+Right",
        "ten-forward",
    ),
    ActionSpec(
        "ten_back",
        RUN,
        QT_TRANSLATE_NOOP("actions", "Ten steps back"),
        QT_TRANSLATE_NOOP("actions", "Ten steps back"),
        "Shift+Left",
        "ten-back",
    ),
    ActionSpec(
        "to_start",
        RUN,
        QT_TRANSLATE_NOOP("actions", "To the s&tart"),
        QT_TRANSLATE_NOOP("actions", "Go to step 0; nothing is forgotten"),
        "Home",
        "to-start",
    ),
    ActionSpec(
        "to_end",
        RUN,
        QT_TRANSLATE_NOOP("actions", "To the &newest step"),
        QT_TRANSLATE_NOOP("actions", "Go to the newest step that was trained"),
        "End",
        "to-end",
    ),
    ActionSpec(
        "next_mark",
        RUN,
        QT_TRANSLATE_NOOP("actions", "Next &mark"),
        QT_TRANSLATE_NOOP("actions", "Go to the next step at which something happened"),
        "Ctrl+Right",
    ),
    ActionSpec(
        "previous_mark",
        RUN,
        QT_TRANSLATE_NOOP("actions", "Previous mar&k"),
        QT_TRANSLATE_NOOP("actions", "Go to the step before at which something happened"),
        "Ctrl+Left",
    ),
    ActionSpec(
        "rewind",
        RUN,
        QT_TRANSLATE_NOOP("actions", "&Rewind"),
        QT_TRANSLATE_NOOP("actions", "Start again from the same weights, without the recorded steps"),
        "R",
        "rewind",
    ),
    ActionSpec(
        "new_seed",
        RUN,
        QT_TRANSLATE_NOOP("actions", "New s&eed"),
        QT_TRANSLATE_NOOP("actions", "Start again from other random weights"),
        "N",
        "new-seed",
    ),
    ActionSpec(
        "touch",
        RUN,
        QT_TRANSLATE_NOOP("actions", "To&uch…"),
        QT_TRANSLATE_NOOP("actions", "Break the symmetry, copy a neuron, remove a lane made so"),
        "T",
    ),
    ActionSpec(
        "dark",
        VIEW,
        QT_TRANSLATE_NOOP("actions", "&Dark theme"),
        QT_TRANSLATE_NOOP("actions", "Light colours on a dark ground"),
        "Ctrl+D",
        "",
        True,
    ),
    ActionSpec(
        "log_colours",
        VIEW,
        QT_TRANSLATE_NOOP("actions", "Signed &log colours of weights"),
        QT_TRANSLATE_NOOP("actions", "Show small and large weights in one colour scale"),
        "L",
        "",
        True,
    ),
    ActionSpec(
        "fit_colours",
        VIEW,
        QT_TRANSLATE_NOOP("actions", "&Fit colours to this step"),
        QT_TRANSLATE_NOOP("actions", "Let the colour scales end at the largest numbers of this step"),
        "Shift+L",
    ),
    ActionSpec(
        "lock_colours",
        VIEW,
        QT_TRANSLATE_NOOP("actions", "Loc&k colours"),
        QT_TRANSLATE_NOOP("actions", "Keep the colour scales as they are, however large the numbers become"),
        "Ctrl+L",
        "",
        True,
    ),
    ActionSpec(
        "weight_images",
        VIEW,
        QT_TRANSLATE_NOOP("actions", "Neurons of layer 1 as &pictures"),
        QT_TRANSLATE_NOOP("actions", "Show each neuron's weights where their pixels are in the data"),
        "I",
        "",
        True,
    ),
    ActionSpec(
        "gather",
        VIEW,
        QT_TRANSLATE_NOOP("actions", "&Gather groups"),
        QT_TRANSLATE_NOOP("actions", "Show the neurons of a group side by side; the network stays the same"),
        "G",
        "",
        True,
    ),
    ActionSpec(
        "last_change",
        VIEW,
        QT_TRANSLATE_NOOP("actions", "Last &change"),
        QT_TRANSLATE_NOOP("actions", "Show what the last update did to the weights"),
        "C",
        "",
        True,
    ),
    ActionSpec(
        "experiment",
        VIEW,
        QT_TRANSLATE_NOOP("actions", "E&xperiment"),
        QT_TRANSLATE_NOOP("actions", "Change data, network, start and training while the lanes follow"),
        "Ctrl+1",
        "",
        True,
    ),
    ActionSpec(
        "side",
        VIEW,
        QT_TRANSLATE_NOOP("actions", "&Explanation"),
        QT_TRANSLATE_NOOP("actions", "Why neurons are equal, health, the small network"),
        "E",
        "",
        True,
    ),
    ActionSpec(
        "notes",
        VIEW,
        QT_TRANSLATE_NOOP("actions", "&Notes of the experiment"),
        QT_TRANSLATE_NOOP("actions", "Read what the experiment asks and what there is to see"),
        "Ctrl+I",
    ),
    ActionSpec(
        "data_space",
        VIEW,
        QT_TRANSLATE_NOOP("actions", "Data &space"),
        QT_TRANSLATE_NOOP("actions", "Show what each network says of every point"),
        "S",
        "",
        True,
    ),
    ActionSpec(
        "gradients",
        VIEW,
        QT_TRANSLATE_NOOP("actions", "Gradient s&izes"),
        QT_TRANSLATE_NOOP("actions", "Show how large the gradients are, layer by layer"),
        "Z",
        "",
        True,
    ),
    ActionSpec(
        "log_loss",
        VIEW,
        QT_TRANSLATE_NOOP("actions", "Loss in &powers of ten"),
        QT_TRANSLATE_NOOP("actions", "Show losses in powers of ten: small ones are told apart"),
        "",
        "",
        True,
    ),
    ActionSpec(
        "show_all",
        VIEW,
        QT_TRANSLATE_NOOP("actions", "Show &everything again"),
        QT_TRANSLATE_NOOP("actions", "After a double-click on a part enlarged it, share the room out again"),
        "Esc",
    ),
    ActionSpec(
        "share_out",
        VIEW,
        QT_TRANSLATE_NOOP("actions", "Share the room out &anew"),
        QT_TRANSLATE_NOOP(
            "actions", "Put the handles between the parts of the window where they were at first"
        ),
    ),
    ActionSpec(
        "full_screen",
        VIEW,
        QT_TRANSLATE_NOOP("actions", "&Full screen"),
        QT_TRANSLATE_NOOP("actions", "Fill the screen, for a projector"),
        "F11",
        "",
        True,
    ),
    ActionSpec(
        "add_scene",
        SCENES,
        QT_TRANSLATE_NOOP("actions", "&Add scene"),
        QT_TRANSLATE_NOOP(
            "actions", "Keep the shown step and all that is seen of it, with a name and a note"
        ),
        "Ctrl+B",
    ),
    ActionSpec(
        "edit_scenes",
        SCENES,
        QT_TRANSLATE_NOOP("actions", "&Edit scenes…"),
        QT_TRANSLATE_NOOP("actions", "Names, notes and order of the scenes"),
    ),
    ActionSpec(
        "next_scene",
        SCENES,
        QT_TRANSLATE_NOOP("actions", "&Next scene"),
        QT_TRANSLATE_NOOP("actions", "Go to the next scene"),
        "PgDown",
        "forward",
    ),
    ActionSpec(
        "previous_scene",
        SCENES,
        QT_TRANSLATE_NOOP("actions", "&Previous scene"),
        QT_TRANSLATE_NOOP("actions", "Go to the scene before"),
        "PgUp",
        "back",
    ),
    ActionSpec(
        "start",
        HELP,
        QT_TRANSLATE_NOOP("actions", "&Start page"),
        QT_TRANSLATE_NOOP("actions", "Choose an experiment to begin with"),
        "Ctrl+Home",
    ),
    ActionSpec(
        "help",
        HELP,
        QT_TRANSLATE_NOOP("actions", "&Help and keys"),
        QT_TRANSLATE_NOOP("actions", "What is shown here, and all keys"),
        "F1",
    ),
)
