"""Short codes: bytes as a line of text for slides and chats, packed and with a checksum.

`initscope1:` and base64 of the deflated bytes with their CRC-32. Spaces, line breaks, quotes and the marks of quoted
mail do no harm; a letter that was altered or lost is noticed.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib

from engine.core.errors import InitscopeError
from engine.core.problems import Problem

VERSION = 1
START = f"initscope{VERSION}:"
LONGEST_CODE = 100_000
"""Characters; longer ones are files."""
LARGEST_CONTENT = 2**22
"""Bytes that a code may unpack to."""
CHECKSUM_BYTES = 4

_BEGINS = re.compile(r"""[\s>"'`]*initscope(\d{1,9}):""", re.IGNORECASE)
_IGNORED = re.compile(r"""[\s>"'`=\u200b\u00ad\ufeff]+""")
_URL_SAFE = str.maketrans("-_", "+/")

DICTIONARY = (
    b'"on_divergence":"stop","arithmetic":"blas","dtype":"float32","draw":"fan_out_first","stream":"mt19937",'
    b'"weight_decay":0.0001,"dropout":0.5,"shuffle":false,"notes":"","title":"","seed":1,"test":200,"train":200,'
    b'"noise":0.1,"factor":0.5,"learning_rate":0.01,"momentum":0.9,"nesterov":true,"kind":"rmsprop"},"kind":"sgd",'
    b'"kind":"lecun-normal"},"kind":"orthogonal"},"kind":"lsuv"},"kind":"glorot-uniform"},"kind":"he-uniform"},'
    b'{"kind":"constant-noise","value":0.5,"std":0.001},{"kind":"uniform","low":-1.0,"high":1.0},'
    b'"scale":"1/fan_in","scale":"2/fan_in","scale":"2/(fan_in+fan_out)","reduction":"sum","kind":"squared-error",'
    b'"kind":"cross-entropy"},"kind":"binary-cross-entropy"},"kind":"softmax"},"kind":"identity"},"kind":"gelu"},'
    b'"kind":"elu"},"kind":"selu"},"kind":"softplus"},"kind":"leaky-relu"},"kind":"sigmoid"},"kind":"tanh"},'
    b'"variants":[{"name":"zeros","set":{"network.layers.*.weights":{"kind":"constant","value":0.0}}},'
    b'{"name":"random","set":{"network.layers.0.weights":{"kind":"normal","std":0.01}}},{"name":"he","set":'
    b'{"network.layers.*.weights":{"kind":"he-normal"}}},{"name":"xavier","set":{}}],"optimizer":{"kind":"adam"},'
    b'"steps":10000,"batch":{"size":32},{"name":"","data":{"kind":"mnist","kind":"digits","kind":"xor","kind":"gaussians",'
    b'"kind":"spirals","kind":"table","x":[[0.0,1.0],"y":[[1.0]]},"kind":"moons","kind":"circles"},"network":{"layers":['
    b'{"units":16,"activation":{"kind":"relu"},"weights":{"kind":"he-normal"},"biases":null},{"units":1,"activation":'
    b'{"kind":"sigmoid"},"weights":{"kind":"glorot-normal"}}]},"loss":{"kind":"binary-cross-entropy"}'
)
"""What experiments are likely to say, which codes then need not; it can change only together with the version."""


def is_code(text: str) -> bool:
    """Return whether a text begins like a short code of this or another version."""
    return _BEGINS.match(text) is not None


def code_of(content: bytes) -> str:
    """Return the short code of some bytes; raise InitscopeError if it would be too long for one."""
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS, zdict=DICTIONARY)
    packed = packer.compress(content) + packer.flush()
    code = START + base64.b64encode(packed + _checksum(content)).decode().rstrip("=")
    if len(code) > LONGEST_CODE or len(content) > LARGEST_CONTENT:
        raise InitscopeError(Problem.CODE_TOO_LONG, most=LONGEST_CODE)
    return code


def content_of(code: str) -> bytes:
    """Return the bytes in a short code; raise InitscopeError if it is none, or is not as it was made."""
    if len(code) > 2 * LONGEST_CODE:  # half of them may be spaces
        raise InitscopeError(Problem.CODE_TOO_LONG, most=LONGEST_CODE)
    begins = _BEGINS.match(code)
    if begins and int(begins[1]) > VERSION:
        raise InitscopeError(Problem.CODE_NEWER, version=int(begins[1]), newest=VERSION)
    content = _unpacked(code[begins.end() :]) if begins else None
    if content is None:
        raise InitscopeError(Problem.CODE_ALTERED, start=START)
    return content


def _unpacked(text: str) -> bytes | None:
    letters = _IGNORED.sub("", text).translate(_URL_SAFE)
    unpacker = zlib.decompressobj(wbits=-zlib.MAX_WBITS, zdict=DICTIONARY)
    try:
        packed = base64.b64decode(letters + "=" * (-len(letters) % 4), validate=True)
        content = unpacker.decompress(packed, LARGEST_CONTENT)
    except (binascii.Error, ValueError, zlib.error):
        return None
    return content if unpacker.eof and unpacker.unused_data == _checksum(content) else None


def _checksum(content: bytes) -> bytes:
    return zlib.crc32(content).to_bytes(CHECKSUM_BYTES, "big")
