"""The help page: what is shown, and every key. It is made from the table of actions."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

from gui.text.language import QT_TRANSLATE_NOOP, translate
from gui.text.version_words import name_and_version

ABOUT = QT_TRANSLATE_NOOP(
    "help",
    "<h2>Initscope</h2>"
    "<p>What do the initial weights do to a network? Each column of the window is a <b>lane</b>: one variant of the "
    "experiment. All lanes train in lockstep and always show the same step.</p>"
    "<h3>What you see</h3>"
    "<p><b>Graph.</b> Circles are neurons, edges are weights: blue positive, red negative, wider means larger. "
    "Neurons with one colour and number form a <b>group</b>: equal incoming weights, equal bias, equal outgoing "
    "weights, bit for bit; in a normalized layer equal scale and shift, too. Without dropout they get equal gradients, "
    "and no deterministic update parts them as long as the optimizer remembers the same of them.</p>"
    "<p><b>Heatmaps.</b> W of each layer with the biases as a separate row beneath, and in a normalized layer a row of "
    "scales and one of shifts (γ and β); column j is neuron j. Under it the "
    "gradient of the same step, column for column. Point at a cell to read its exact number.</p>"
    "<p><b>Explanation.</b> At the right: for every layer whether its columns are distinct, whether it moves, and which "
    "factor of the gradient is exactly 0 if it does not; what was predicted at the start or at your last touch; and why "
    "two neurons are equal. Click two neurons in a graph to choose them. Its other pages show the health of the layers "
    "and the small network that computes the same.</p>"
    "<p><b>My network does not learn.</b> Press Ctrl+2, choose a lane and press Diagnose: the doctor trains it from "
    "several seeds, and tries a cure for each cause that it suspects. Try it opens the cured lane beside the sick one, "
    "Keep writes the cure into the experiment.</p>"
    "<p><b>Which start?</b> Press Ctrl+3: the page shows what the start of a lane does to signals (z) and gradients (dZ) "
    "from layer to layer. Race trains the lane from all starts that make sense, within the seconds beside it, and puts "
    "them in order; click one to try it, to keep it, or to read it as code.</p>"
    "<p><b>Touch.</b> Drag a weight up or down, or double-click it and type. The change makes a new lane from this step "
    "on; the old one keeps its future.</p>"
    "<p><b>Lanes.</b> Drag a lane by its title to another place; Esc takes that back. Its button ⋯ renames, duplicates, "
    "hides and removes it. A hidden lane goes on training, and comes back by the button beside the title of the "
    "experiment. The experiment panel (Ctrl+1) lists in what each lane differs, with the common value and a way back. "
    "<i>Keep curves as ghost</i> leaves the present curves, pale, beside those to come. <i>Many "
    "seeds</i> trains the lane from other seeds, too: curves get a band, and the head of the lane says how many of them "
    "learn; click there to choose one.</p>"
    "<p><b>Data space.</b> What each network says of every point, for data with two inputs. Point at a neuron "
    "to see its own map.</p>"
    "<p><b>Step.</b> One update of the parameters. The loss and the gradients of step k belong to the weights before "
    "update k. Every step is recorded: going back shows exactly what was there.</p>"
    "<p><b>Spread.</b> The largest difference between any two columns of W, for each hidden layer. 0 means that all "
    "columns are identical.</p>"
    "<p><b>Chips.</b> Under the name of a lane: how many columns of each layer are distinct, and whether its gradients "
    "are. A filled chip stands for a layer that does not part or does not move. Hatched grey is exactly 0.</p>"
    "<p><b>Room.</b> Drag the gaps between graph, data space, heatmaps and curves; all lanes follow. Double-click a "
    "drawing, the top of a lane or the caption of a curve to give it all the room; Esc brings the rest back.</p>"
    "<p><b>Marks.</b> Above the timeline: ◆ columns part or become equal, ○ a neuron dies or comes back, – the loss "
    "comes to the base rate, × diverged, ▲ weights edited, ■ a setting changed from there on. At the step of a mark it "
    "is so, one step before it is not. Up to 20 changes of a sort are marked in a lane.</p>"
    "<p><b>Scenes.</b> What the window shows, kept with a name and a note, and gone through like the slides of a "
    "lecture. They are saved with the session.</p>"
    "<p><b>Your own files.</b> Drop a table, arrays or weights on the window (CSV, NPZ, NPY, safetensors, IDX, PyTorch): "
    "a dialog shows what is in it and what becomes of the network, and undo takes it back.</p>"
    "<p>Point at a curve to read every lane at that step; click or drag in it to go there. "
    "Right-click a drawing to export, copy or enlarge it.</p>",
)


class HelpDialog(QDialog):
    """A page that can stay open beside the window."""

    def __init__(
        self, keys: Iterable[tuple[str, str]], way_of_training: str, parent: QWidget | None = None
    ) -> None:
        """Show keys with what they do, and how the steps of training are computed."""
        super().__init__(parent)
        self.setObjectName("help")
        self.setWindowTitle(translate("help", "Help and keys"))
        self.resize(640, 640)
        page = QTextBrowser()
        about = f"<p>{name_and_version()}<br>{way_of_training}</p>"
        page.setHtml(translate("help", ABOUT) + _table(keys) + about)
        page.setAccessibleName(translate("help", "Help"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        layout.addWidget(page)
        layout.addWidget(buttons)


def _table(keys: Iterable[tuple[str, str]]) -> str:
    """Return a table of keys and of what they do."""
    form = QKeySequence.SequenceFormat.NativeText
    rows = "".join(
        f"<tr><td><b>{QKeySequence(key).toString(form)}</b>&nbsp;&nbsp;&nbsp;</td>"
        f"<td>{translate('actions', tip)}</td></tr>"
        for key, tip in keys
    )
    keys_title = translate("help", "Keys")
    return f"<h3>{keys_title}</h3><table cellpadding='2'>{rows}</table>"
