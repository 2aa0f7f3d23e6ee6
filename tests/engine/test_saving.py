"""Files are written whole or not at all, where a link points to, with the mode they had; nothing else is replaced."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from engine.core.errors import FileError
from engine.output.export import check_writable, remove_unfinished, save_file, write_file
from engine.output.quotient_file import write_quotient
from engine.symmetry.quotient import quotient_of
from tests.builders import experiment, layer, refused, trainer_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="modes and links are those of POSIX")


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o664, 0o755])
def test_a_file_keeps_its_mode(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"old")
    path.chmod(mode)
    write_file(path, b"new")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", mode)


def test_a_new_file_has_the_mode_that_the_user_wants(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_file(tmp_path / "a.json", b"new")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.json").stat().st_mode) == 0o640


@pytest.mark.parametrize("there", [True, False])
def test_a_link_goes_on_pointing_to_the_file(tmp_path: Path, *, there: bool) -> None:
    (tmp_path / "store").mkdir()
    real, link, second = tmp_path / "store" / "a.json", tmp_path / "link.json", tmp_path / "second.json"
    if there:
        real.write_bytes(b"old")
    link.symlink_to(real)
    second.symlink_to(link)
    write_file(second, b"new")
    assert link.is_symlink()
    assert second.is_symlink()
    assert real.read_bytes() == b"new"
    assert sorted(path.name for path in tmp_path.rglob("*")) == [
        "a.json",
        "link.json",
        "second.json",
        "store",
    ]


def test_links_in_a_circle_and_devices_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    os.mkfifo(tmp_path / "pipe")
    for name, said in (("a", "could not be written (…"), ("pipe", "is not an ordinary file")):
        with refused(f"{tmp_path / name}: {said}", FileError):
            write_file(tmp_path / name, b"new")
        with refused(f"{tmp_path / name}: {said}", FileError):
            check_writable(tmp_path / name)
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "pipe"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everything")
def test_a_file_that_may_not_be_written_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"old")
    path.chmod(0o444)
    with refused(f"{path}: could not be written (Permission denied)", FileError):
        write_file(path, b"new")
    assert path.read_bytes() == b"old"


def test_asking_whether_a_file_can_be_written_leaves_nothing(tmp_path: Path) -> None:
    check_writable(tmp_path / "a.json")
    assert not list(tmp_path.iterdir())


def test_what_is_half_written_when_the_program_ends_is_removed(tmp_path: Path) -> None:
    def save(temporary: Path) -> bool:
        temporary.write_bytes(b"half")
        remove_unfinished()
        assert not list(tmp_path.iterdir())
        return False

    with refused("…could not be written…", FileError):
        save_file(tmp_path / "a.json", save)
    assert not list(tmp_path.iterdir())


def test_weights_of_a_small_network_replace_no_file(tmp_path: Path) -> None:
    mine = tmp_path / "small-weights.npz"
    mine.write_bytes(b"mine")
    trainer = trainer_of(experiment(layer(3), layer(1)))
    for expected in ("small-weights-2.npz", "small-weights-3.npz"):
        paths = write_quotient(
            tmp_path / "small.json", trainer.experiment, quotient_of(trainer), "Title", "Notes"
        )
        assert paths == [tmp_path / "small.json", tmp_path / expected]
        assert expected in paths[0].read_text(encoding="utf-8")
    assert mine.read_bytes() == b"mine"
