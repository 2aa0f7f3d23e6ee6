"""What can be wrong, as codes. `gui.text.error_words` has a sentence for each, which tells the values of the error."""

from __future__ import annotations

from enum import Enum, auto


class Form(Enum):
    """What a value of an experiment file may be; the names that are allowed are given as a tuple of text instead."""

    NULL = auto()
    BOOLEAN = auto()
    WHOLE = auto()
    NUMBER = auto()
    TEXT = auto()
    LINE = auto()
    PATH = auto()
    LIST = auto()
    OBJECT = auto()


class Problem(Enum):
    """What is wrong. Two mistakes have one code if the same sentence tells both."""

    # formats: reading any file
    UNREADABLE = auto()
    NO_ORDINARY_FILE = auto()
    LARGER_THAN_READ = auto()
    CUT_SHORT = auto()
    CUT_SHORT_NUMBERS = auto()
    GOES_ON = auto()
    DAMAGED_COMPRESSION = auto()
    NOT_UTF8 = auto()

    # formats: CSV
    EMPTY = auto()
    ONE_COLUMN = auto()
    NO_SAMPLES = auto()
    TOO_MANY_ROWS = auto()
    ROW_NOT_CSV = auto()
    ROW_WIDTH = auto()
    CELL_NOT_NUMBER = auto()
    CELL_NOT_NUMBER_WITHOUT_HEADER = auto()
    CELL_DECIMAL_COMMA = auto()
    CELL_DECIMAL_COMMA_WITHOUT_HEADER = auto()
    CELL_NO_CLASS = auto()
    CELL_NO_CLASS_WITHOUT_HEADER = auto()
    TARGET_COLUMN_NUMBER = auto()
    TARGET_COLUMN_WITHOUT_HEADER = auto()
    TARGET_COLUMN_NAME = auto()

    # formats: IDX
    NO_IDX_LABELS = auto()
    NO_IDX_IMAGES = auto()
    IDX_HOLDS_NO_LABELS = auto()
    IDX_HOLDS_NO_IMAGES = auto()
    IDX_HEADER = auto()
    IDX_SIZE = auto()

    # formats: NPZ
    NO_NPZ = auto()
    NPZ_CONTENTS = auto()
    NO_ARRAY = auto()
    NO_ARRAY_AT_ALL = auto()
    ARRAY_PACKING = auto()
    ARRAY_VERSION = auto()
    ARRAY_HEADER = auto()
    ARRAY_OF_OBJECTS = auto()
    ARRAY_OF_COMPLEX = auto()
    ARRAY_OF_TEXT = auto()
    ARRAY_OF_OTHERS = auto()
    ARRAY_SIZE = auto()
    ARRAY_NOT_FINITE = auto()
    TOO_MANY_ARRAYS = auto()

    # archives: PyTorch, safetensors and what is not read
    NO_ARRAY_FILE = auto()
    NO_TORCH = auto()
    TORCH_REFUSED = auto()
    OLD_TORCH = auto()
    NO_SAFETENSORS = auto()
    IS_HDF5 = auto()

    # datasets
    TEST_ARRAY_ALONE = auto()
    INPUTS_SHAPE = auto()
    INPUTS_UNLIKE_TRAINING = auto()
    TARGETS_COUNT = auto()
    TARGETS_SHAPE = auto()
    TARGETS_UNLIKE_TRAINING = auto()
    CLASSES_NOT_WHOLE = auto()
    ONE_CLASS = auto()
    TOO_MANY_CLASSES = auto()
    TOO_MANY_TARGETS = auto()
    TOO_FEW_DIGITS = auto()
    TEST_IMAGES_ALONE = auto()
    IMAGES_SIZE = auto()
    LABELS_COUNT = auto()
    TOO_FEW_IMAGES = auto()
    TABLE_LENGTHS = auto()
    TABLE_WIDTH = auto()
    ARRAYS_LENGTHS = auto()
    ARRAY_ONE_COLUMN = auto()
    TEST_ARRAY_UNLIKE = auto()
    TEST_TARGETS_MISSING = auto()

    # importing: data and weights of people's own
    NAME_NOT_UTF8 = auto()
    NO_SAMPLES_TOLD = auto()
    WEIGHTS_NOT_DATA = auto()
    IDX_LABELS_MISSING = auto()
    DATA_OUTPUTS = auto()
    NO_WEIGHTS = auto()
    WEIGHTS_NOT_DENSE = auto()
    START_ARCHITECTURE = auto()
    START_MATRICES = auto()
    START_BIASES = auto()
    START_SEVERAL = auto()

    # model and the first weights
    NESTEROV_WITHOUT_MOMENTUM = auto()
    INITIAL_SHAPE = auto()
    INITIAL_TYPE = auto()
    INITIAL_NOT_FINITE = auto()

    # experiments: the form of a file
    EXPERIMENT_NO_FILE = auto()
    EXPERIMENT_TOO_LARGE = auto()
    EXPERIMENT_MISTAKE = auto()
    FOLDER_NOT_UTF8 = auto()
    NO_FILE_NOR_PRESET = auto()
    NO_JSON = auto()
    NO_JSON_DECIMAL_COMMA = auto()
    NESTED_TOO_DEEP = auto()
    IS_NPZ = auto()
    IS_NPY = auto()
    IS_IDX = auto()
    IS_CSV = auto()
    IS_ARCHIVE = auto()
    NO_JSON_OBJECT = auto()
    NO_EXPERIMENT = auto()
    NEWER_VERSION = auto()
    WRONG_FORM = auto()
    WRONG_FORM_OF_MANY = auto()
    UNKNOWN_FIELD = auto()
    UNKNOWN_FIELD_OF_NONE = auto()
    MISSING_FIELD = auto()
    UNKNOWN_KIND = auto()
    UNKNOWN_KIND_NEAR = auto()
    LIST_TOO_SHORT = auto()
    LIST_TOO_LONG = auto()
    NUMBER_NOT_ABOVE = auto()
    NUMBER_TOO_SMALL = auto()
    NUMBER_NOT_BELOW = auto()
    NUMBER_TOO_LARGE = auto()
    NUMBER_TOO_LONG = auto()
    WHOLE_NOT_ABOVE = auto()
    WHOLE_TOO_SMALL = auto()
    WHOLE_TOO_LARGE = auto()
    WHOLE_TOO_LONG = auto()
    TEXT_TOO_SHORT = auto()
    TEXT_TOO_LONG = auto()
    TEXT_PATTERN = auto()

    # experiments: short codes
    CODE_ALTERED = auto()
    CODE_NEWER = auto()
    CODE_TOO_LONG = auto()

    # experiments: changes and variants
    NOTHING_TO_CHANGE = auto()
    NO_LIST_POSITION = auto()
    NO_VARIANT = auto()
    VARIANT_NAME_TWICE = auto()
    VARIANT_CHANGES_VARIANTS = auto()

    # experiments: parts that do not go together
    ONLY_FOR_OUTPUTS = auto()
    DROPOUT_OF_OUTPUTS = auto()
    LOSS_NEEDS_ACTIVATION = auto()
    OUTPUT_UNITS = auto()
    TARGETS_NOT_SHARES = auto()
    TARGETS_NO_DISTRIBUTION = auto()
    BATCH_TOO_LARGE = auto()
    TOO_MANY_WEIGHTS = auto()
    TOO_MUCH_MEMORY = auto()

    # training: edits of weights
    NO_LAYER = auto()
    NO_WEIGHT = auto()
    WEIGHT_NOT_FINITE = auto()
    COPY_OF_OUTPUT = auto()
    COPY_NEURONS = auto()
    NO_HIDDEN_LAYER = auto()
    NOISE_NOT_POSITIVE = auto()
    WEIGHT_AS_IT_IS = auto()
    COPY_OF_EQUAL = auto()
    NOISE_ROUNDED_AWAY = auto()

    # session
    NO_LANE = auto()
    NO_LANE_NAMED = auto()
    TOO_MANY_LANES = auto()
    LAST_LANE = auto()
    NO_PLACE = auto()
    NAME_FORM = auto()
    NAME_TAKEN = auto()
    ONLY_FROM_START = auto()
    SESSION_ACTION = auto()
    SESSION_REFUSED = auto()
    SESSION_FIELDS = auto()
    SESSION_ALTERED = auto()
    TOO_MANY_ACTIONS = auto()
    LANE_DIVERGED = auto()
    EDIT_TOO_LARGE = auto()
    TRAINING_STOPPED = auto()

    # files that are written
    NOT_WRITTEN = auto()
    NOT_SAVED = auto()
    FOLDER_NOT_MADE = auto()
    QUOTIENT_DIVERGED = auto()
    NO_PNG_NAME = auto()
    NO_PICTURE_NAME = auto()
