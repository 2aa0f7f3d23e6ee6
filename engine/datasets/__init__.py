"""What a network learns from: frozen arrays with names, and the kinds of data an experiment can ask for."""

from engine.datasets.dataset import Dataset as Dataset
from engine.datasets.kinds import AnyData as AnyData
from engine.datasets.kinds import Data as Data
