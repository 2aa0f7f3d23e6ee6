"""What the networks of the clinic complain of: titles and questions, which do not tell the cause."""

from __future__ import annotations

from gui.text.language import QT_TRANSLATE_NOOP, translate

CLINIC = {
    "nothing-moves": (
        QT_TRANSLATE_NOOP("clinic", "The loss does not change, not in its last digit"),
        QT_TRANSLATE_NOOP(
            "clinic", "The gradient is always zero, although the answers are wrong. Where from?"
        ),
    ),
    "one-of-many": (
        QT_TRANSLATE_NOOP("clinic", "Twenty-four neurons, and as good as one"),
        QT_TRANSLATE_NOOP(
            "clinic", "It moves, the loss falls a little, and then it stays. What do the neurons lack?"
        ),
    ),
    "nearly-alike": (
        QT_TRANSLATE_NOOP("clinic", "Nobody is equal, and yet all do the same"),
        QT_TRANSLATE_NOOP("clinic", "All columns are distinct. Why does that not help?"),
    ),
    "asleep": (
        QT_TRANSLATE_NOOP("clinic", "It sleeps, and does not wake up"),
        QT_TRANSLATE_NOOP("clinic", "The weights are random, the rate is usual, and nothing happens. Why?"),
    ),
    "first-loss": (
        QT_TRANSLATE_NOOP("clinic", "A first loss beyond all reason"),
        QT_TRANSLATE_NOOP("clinic", "Before the first update it is worse than any guess. What has happened?"),
    ),
    "six-layers": (
        QT_TRANSLATE_NOOP("clinic", "Six hidden layers, and no better than chance"),
        QT_TRANSLATE_NOOP("clinic", "With one hidden layer it learns. What gets lost on the way?"),
    ),
    "dark-layer": (
        QT_TRANSLATE_NOOP("clinic", "A layer in which nobody ever answers"),
        QT_TRANSLATE_NOOP("clinic", "The weights are as they should be. What keeps the layer silent?"),
    ),
    "jumpy": (
        QT_TRANSLATE_NOOP("clinic", "The loss jumps, and comes to no good end"),
        QT_TRANSLATE_NOOP("clinic", "Everything moves, far too much even. What would calm it?"),
    ),
    "crawling": (
        QT_TRANSLATE_NOOP("clinic", "It learns, at this pace for ever"),
        QT_TRANSLATE_NOOP("clinic", "The loss falls at every step. Why is it still there at the end?"),
    ),
    "cut-short": (
        QT_TRANSLATE_NOOP("clinic", "It ends before it has begun"),
        QT_TRANSLATE_NOOP("clinic", "Is anything wrong with this network at all?"),
    ),
    "swinging": (
        QT_TRANSLATE_NOOP("clinic", "The loss swings up and down"),
        QT_TRANSLATE_NOOP("clinic", "It gets there, and shoots past it. What drives it on?"),
    ),
    "raw-numbers": (
        QT_TRANSLATE_NOOP("clinic", "Raw measurements go in, rubbish comes out"),
        QT_TRANSLATE_NOOP("clinic", "Network, start and rate are those that people use. What is not?"),
    ),
    "only-the-mean": (
        QT_TRANSLATE_NOOP("clinic", "It learns the mean, and nothing else"),
        QT_TRANSLATE_NOOP("clinic", "It answers the same whatever goes in. Does it hear its inputs?"),
    ),
    "far-away": (
        QT_TRANSLATE_NOOP("clinic", "A loss with a great many digits"),
        QT_TRANSLATE_NOOP("clinic", "How far does it have to go, and how large are its steps?"),
    ),
    "out-of-reach": (
        QT_TRANSLATE_NOOP("clinic", "It learns some answers, others never"),
        QT_TRANSLATE_NOOP("clinic", "The loss falls, and then stops. Which targets are missed?"),
    ),
    "always-one": (
        QT_TRANSLATE_NOOP("clinic", "The same answer for everything, always"),
        QT_TRANSLATE_NOOP("clinic", "Gradients are 0 in every layer, with random weights. How can that be?"),
    ),
    "sure-and-wrong": (
        QT_TRANSLATE_NOOP("clinic", "Sure of itself, and wrong"),
        QT_TRANSLATE_NOOP(
            "clinic", "The answers are as wrong as can be, and the gradient is next to nothing. Why?"
        ),
    ),
    "fading": (
        QT_TRANSLATE_NOOP("clinic", "The weights fade away"),
        QT_TRANSLATE_NOOP("clinic", "It starts well, and then everything shrinks. What pulls?"),
    ),
    "always-no": (
        QT_TRANSLATE_NOOP("clinic", "Right nine times out of ten, and nothing learnt"),
        QT_TRANSLATE_NOOP("clinic", "A high accuracy, a low loss. Look at what it answers!"),
    ),
    "nothing-to-go-by": (
        QT_TRANSLATE_NOOP("clinic", "It looks closely, and sees nothing"),
        QT_TRANSLATE_NOOP(
            "clinic", "Whatever is changed in the network, it stays as bad. What else could it be?"
        ),
    ),
    "straight-line": (
        QT_TRANSLATE_NOOP("clinic", "Twelve neurons, and a straight line"),
        QT_TRANSLATE_NOOP(
            "clinic", "More neurons and more layers change nothing. What is missing between them?"
        ),
    ),
    "cut-in-two": (
        QT_TRANSLATE_NOOP("clinic", "It tries, and cuts the circle in two"),
        QT_TRANSLATE_NOOP("clinic", "Longer and deeper does not help. What would?"),
    ),
    "mirror": (
        QT_TRANSLATE_NOOP("clinic", "Opposite points always get opposite answers"),
        QT_TRANSLATE_NOOP(
            "clinic", "Look at the map: it is the same on both sides. What holds it in the middle?"
        ),
    ),
    "by-heart": (
        QT_TRANSLATE_NOOP("clinic", "All right on what it has seen"),
        QT_TRANSLATE_NOOP("clinic", "The training loss is excellent. Would you rely on it?"),
    ),
}
"""Of each network of the clinic what is seen, and what to ask oneself; in the order in which they teach."""


def symptom_of(name: str) -> str:
    """Return what is seen of a network of the clinic."""
    return translate("clinic", CLINIC[name][0]) if name in CLINIC else name


def clinic_question(name: str) -> str:
    """Return what to ask oneself about a network of the clinic."""
    return translate("clinic", CLINIC[name][1]) if name in CLINIC else ""
