"""The training thread: obeys commands, trains a slice per frame, and leaves a snapshot in the mailbox after each."""

from __future__ import annotations

import math
import threading
import traceback
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from time import perf_counter
from typing import Any

import msgspec

from engine.conditions.until import UntilAny
from engine.core.cancellation import Cancelled, cancellable
from engine.core.errors import InitscopeError
from engine.core.problems import Problem
from engine.pace.frame_budget import FRAMES_PER_SECOND, FrameBudget, steps_per_frame
from engine.pace.haste import LARGE_SLICE, RERUN_SLICE, Haste
from engine.report.probes import Probes
from engine.report.snapshot import Activity
from engine.session.action_log import ActionLog, Seen, new_log
from engine.session.commands import (
    Command,
    LetGo,
    LookAction,
    MoveBy,
    MoveTo,
    MoveToEnd,
    NewSeed,
    Open,
    OpenTarget,
    Pause,
    Play,
    PlayUntil,
    Restart,
    ReturnBy,
    ReturnTo,
    SessionAction,
    Stop,
    Try,
    Want,
    WriteNotes,
)
from engine.session.lab import Lab
from engine.session.mailbox import Failure, Mailbox
from engine.session.recipe import after, check_on_the_way
from engine.session.session_file import open_session
from engine.training.edits import AddNoise, CopyNeuron, Set, SetWeight

LATE_SECONDS = 0.003
"""The seconds between two looks whether a frame that is late is on the screen."""
PATIENCE = 2.0
"""The most seconds that `stop` waits."""
FLAT_OUT = math.inf
"""The speed, in steps per second, that means as fast as possible."""


class Runner:
    """Owns a Lab in a thread of its own. Talk to it with `send`, listen at `mailbox`.

    `log` holds the actions since the experiment was opened; None before there is one.
    """

    def __init__(self, memory: int | None = None) -> None:
        """Open nothing that takes more than `memory` bytes; `default_limit` if it is not given."""
        self._memory = memory
        self.mailbox: Mailbox[Command] = Mailbox()
        self.log: ActionLog | None = None
        self._thread = threading.Thread(target=self._work, name="training", daemon=True)
        self._lab: Lab | None = None
        self._activity = Activity.IDLE
        self._goal: int | None = None
        self._speed = 1.0
        self._due = 0.0
        self._budget = FrameBudget()
        self._plays_on = False
        self._held: Try | None = None
        self._haste = Haste()
        self._until: UntilAny | None = None
        self._probes = Probes()
        self._stopping = False
        self._anywhere: dict[type[Command], Callable[[Any], None]] = {
            Stop: self._stop_working,
            Open: self._open,
            OpenTarget: self._open_target,
            Want: self._want,
        }
        self._in_lab: dict[type[Command], Callable[[Lab, Any], None]] = {
            Play: self._play,
            PlayUntil: self._play_until,
            Pause: lambda _lab, _command: self._rest(),
            MoveBy: self._move_by,
            MoveTo: lambda lab, command: self._go_to(lab, command.step),
            MoveToEnd: lambda lab, _command: self._go_to(lab, lab.last_step),
            Try: self._try,
            LetGo: self._let_go,
            ReturnTo: self._return,
            ReturnBy: self._return,
        }

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def send(self, command: Command) -> None:
        """Give a command; it is obeyed after the present slice of a frame."""
        self.mailbox.send(command)

    def stop(self) -> None:
        """End the thread and wait for it; does nothing if it is not running.

        What it is opening ends at a checkpoint. A single operation on large arrays cannot be ended; then the thread is
        left to the end of the process, so that a window closes.
        """
        if self._thread.is_alive():
            self.send(Stop())
            self._thread.join(PATIENCE)

    def _work(self) -> None:
        while not self._stopping:
            if not self._succeeds(self._do_one_frame):
                self.mailbox.wait_for_command()  # what failed would fail again at once

    def _succeeds(self, work: Callable[[], bool | None]) -> bool:
        """Do something and return whether it succeeded; a failure becomes a letter, and the thread lives on."""
        try:
            return work() is not False
        except Cancelled:
            return True
        except InitscopeError as error:
            self._settle()
            self.mailbox.put(Failure(error))
            return False
        except Exception as error:
            self._rest()
            self._tell(error)
            return False

    def _attempt(self, command: Command) -> bool:
        """Obey a command, return whether there is something to show; a refused one changes nothing, not even playing."""
        self._land()
        lab, doing = self._lab, (self._activity, self._goal, self._plays_on, self._until)
        step = lab.step if lab else 0
        try:
            self._obey(command)
        except InitscopeError as error:
            self._activity, self._goal, self._plays_on, self._until = doing
            if lab is not None:
                lab.move(step)
            self.mailbox.put(Failure(error, goes_on=True))
            is_dragged = isinstance(command, Try) and not command.is_final
            if self.log is None or not self.log.is_open or is_dragged:
                return False
            self.log = replace(self.log, is_open=False)  # the person has let go of the value
        return True

    def _tell(self, error: Exception) -> None:
        details = "".join(traceback.format_exception(error))
        self.mailbox.put(Failure(InitscopeError(Problem.TRAINING_STOPPED, reason=str(error)), details))

    def _land(self) -> None:
        """End training in another thread; what went wrong there becomes a letter, and no command is lost by it."""
        if self._lab is not None:
            try:
                self._lab.land()
            except Exception as error:
                self._activity = Activity.IDLE
                self._tell(error)

    def _do_one_frame(self) -> None:
        obeyed = sum(self._succeeds(partial(self._attempt, command)) for command in self.mailbox.commands())
        if self._stopping:
            return
        may_take_held = self._goal is None or not self._haste.has_time  # the one before had its time
        if self._lab is not None and self._held is not None and may_take_held:
            obeyed += self._succeeds(partial(self._attempt, self._held))
        if self._lab is None or self._is_done(self._lab, obeyed):
            self.mailbox.wait_for_command(self._haste.seconds_to_reasons)
            return
        if self._activity is Activity.PLAYING:
            self._play_slice(self._lab)
        elif self._activity is Activity.SEEKING:
            self._seek_slice(self._lab)
        self._post(self._lab)
        for left_out in self._lab.left_out():
            self.mailbox.put(Failure(left_out, goes_on=True))
        trains_meanwhile = self._goes_on_while_shown(self._lab) and not self._lab.is_ahead
        self._budget.taken_at = self.mailbox.wait_until_taken(shown=not trains_meanwhile)
        if self._lab.is_ahead:
            self.mailbox.wait_for_command(max(0.0, self._budget.next_snapshot_at() - perf_counter()))
        if self._activity is Activity.PLAYING and self._speed < FRAMES_PER_SECOND:
            self._due = max(self._due + 1 / self._speed, perf_counter() - 1 / self._speed)
            self.mailbox.wait_for_command(max(0.0, self._due - perf_counter()))

    def _is_done(self, lab: Lab, obeyed: int) -> bool:
        """Return whether there is nothing to do until somebody asks for something."""
        asked, is_idle = self._asked(lab), self._activity is Activity.IDLE and self._held is None
        return is_idle and not obeyed and self._haste.is_all(asked) and not lab.grows(asked)

    def _asked(self, lab: Lab) -> Probes:
        if self.log is None or not self.log.is_open:
            return self._probes
        is_on_its_way = self._activity is Activity.SEEKING
        return self._haste.asked(self._probes, is_on_its_way=is_on_its_way, is_small=lab.disturbs_nobody)

    def _goes_on_while_shown(self, lab: Lab) -> bool:
        """Return whether to train while the window draws: flat out, where that does not make it slower."""
        plays_flat_out = self._activity is Activity.PLAYING and self._speed == FLAT_OUT
        return (plays_flat_out or self._activity is Activity.SEEKING) and lab.disturbs_nobody

    def _post(self, lab: Lab) -> None:
        count, resting = len(lab.lanes), self._activity is Activity.IDLE
        looks = self._budget.begin_snapshot(count, resting=resting)
        probes = self._asked(lab)
        self._haste.show(probes, is_small=lab.disturbs_nobody)
        probes = replace(probes, alarms=() if probes.is_hasty else looks, at_rest=resting)
        held = self._until.held if self._until else ()
        self.mailbox.put(replace(lab.snapshot(self._activity, self._goal, probes), log=self.log, held=held))
        self._budget.end_snapshot(count, resting=resting)

    def _deadline(self) -> float:
        """Return when the slice of this frame has to end."""
        now = perf_counter()
        if self._goal is not None and self._haste.has_time:  # more pictures would delay the shown step
            return now + (RERUN_SLICE if self._lab and self._lab.disturbs_nobody else LARGE_SLICE)
        return max(self._budget.next_snapshot_at(), now + 0.002)

    def _play_slice(self, lab: Lab) -> None:
        recorded = 0 if lab.is_ahead else lab.reached - lab.step
        if self._until is not None:
            end = lab.step + lab.up_to_the_planned_end(steps_per_frame(self._speed))
            self._until.advance(lab, end, self._deadline())
        elif lab.is_ahead:
            if not lab.follow() or lab.should_stop:
                lab.land()
        elif not recorded and self._speed == FLAT_OUT and lab.may_go_ahead:
            lab.go_ahead(lab.up_to_the_planned_end(10**9))
        elif recorded:
            steps = steps_per_frame(self._speed, replayed=lab.last_step)
            lab.move(lab.step + min(recorded, lab.up_to_the_planned_end(steps)))
        else:
            self._train(lab, lab.up_to_the_planned_end(steps_per_frame(self._speed)))
        is_over = lab.step == lab.experiment.steps or lab.should_stop or (self._until and self._until.held)
        if not lab.is_ahead and is_over:
            self._settle()

    def _train(self, lab: Lab, steps: int) -> None:
        """Do steps until the frame ends, and on to the end of a late one: the next snapshot would delay it further."""
        end = lab.reached + steps
        lab.train(steps, self._deadline())
        while lab.reached < end and self._goes_on_while_shown(lab) and self.mailbox.is_undisturbed:
            lab.train(end - lab.reached, perf_counter() + LATE_SECONDS)

    def _seek_slice(self, lab: Lab) -> None:
        if self._goal is None:
            lab.catch_up(self._deadline())
            self._settle()
            return
        self._train(lab, self._goal - lab.reached)
        if lab.reached >= self._goal and self._plays_on:
            self._play(lab, Play(self._speed))
        elif lab.reached >= self._goal or lab.should_stop:
            self._settle()

    def _obey(self, command: Command) -> None:
        """Do what a command says; what needs an experiment does nothing before one is opened."""
        goes_on = self._activity is Activity.PLAYING or self._plays_on  # a change keeps the condition
        if not (goes_on or isinstance(command, Want | LookAction)):
            self._until = None
        if anywhere := self._anywhere.get(type(command)):
            anywhere(command)
        elif self._lab is not None:
            self._in_lab.get(type(command), self._perform)(self._lab, command)

    def _stop_working(self, _command: Stop) -> None:
        self._stopping = True

    def _open(self, command: Open) -> None:
        self.mailbox.rest()
        with cancellable(self._is_useless):
            log = new_log(command.experiment, command.actions, command.view, command.source)
            self._lab = Lab(log.recipe, command.opening, memory=self._memory)
        self.log, self._held = log, None
        self._rest()
        if command.view.step:
            self._go_to(self._lab, command.view.step)

    def _open_target(self, command: OpenTarget) -> None:
        self.mailbox.rest()
        with cancellable(self._is_useless):
            session = open_session(command.target)
        self._open(Open(session.experiment, command.opening, session.actions, session.view, session.source))

    def _is_useless(self) -> bool:
        """Return whether what is being opened will never be seen: something else is to be opened, or nothing at all."""
        return self.mailbox.holds((Stop, Open, OpenTarget))

    def _want(self, command: Want) -> None:
        self._probes = command.probes

    def _play(self, _lab: Lab, command: Play) -> None:
        self._activity, self._goal, self._speed = Activity.PLAYING, None, command.steps_per_second
        self._due = perf_counter()

    def _play_until(self, lab: Lab, command: PlayUntil) -> None:
        self._until = UntilAny(command.condition, lab)
        self._play(lab, Play(command.steps_per_second))

    def _move_by(self, lab: Lab, command: MoveBy) -> None:
        self._go_to(lab, (lab.step if self._goal is None else self._goal) + command.steps)

    def _perform(self, lab: Lab, action: SessionAction) -> None:
        self._try(lab, Try(action, is_final=True))

    def _try(self, lab: Lab, command: Try) -> None:
        """Do an action; an edit belongs to the step it names, everything else is done at the shown step."""
        assert self.log is not None, "there is a lab"
        if not command.is_final and self.mailbox.holds((Try,)):
            return  # a later value of the same drag overtakes it
        self._held = None
        if not command.is_final and self._goal is not None and self._haste.has_time:
            self._held = command  # the value before it is still on its way to the shown step
            return
        action, shown = command.action, lab.step
        if isinstance(action, Set | SetWeight | CopyNeuron | AddNoise):
            action = msgspec.structs.replace(action, step=max(0, min(action.step, lab.reached)))
            if isinstance(action, Set) and action.step:
                check_on_the_way(self.log.recipe, action)
            if action.step or not isinstance(action, Set):
                self._rest()
                lab.move(action.step)
        elif not isinstance(action, WriteNotes):  # which belong to no step
            action = msgspec.structs.replace(action, step=lab.step)
        log = self.log.before_dragging(action)
        recipe = after(log.recipe, action)
        seen = Seen(shown if self._goal is None else self._goal, max(lab.last_step, lab.wanted))
        if not (command.is_final and isinstance(action, Set) and recipe == log.recipe):
            log = log.with_action(action, recipe, is_open=not command.is_final, seen=seen)
        self._become(lab, log)
        self._haste.move()
        if isinstance(action, Restart | NewSeed):
            (lab.restart if isinstance(action, Restart) else lab.begin_anew)()
            self._rest()

    def _let_go(self, lab: Lab, _command: LetGo) -> None:
        if self.log is not None and self.log.is_open:
            self._become(lab, self.log.before_dragging(self.log.actions[-1]))
        self._held = None

    def _return(self, lab: Lab, command: ReturnTo | ReturnBy) -> None:
        """Undo or do again; what leads back across a new start is trained again as far as it was, and shown there."""
        assert self.log is not None, "there is a lab"
        log = self.log
        position = command.position if isinstance(command, ReturnTo) else log.position + command.actions
        now = log.at(position, Seen(lab.step, max(lab.last_step, lab.wanted)))
        self._become(lab, now)
        if any(isinstance(action, Restart | NewSeed) for action in log.between(now.position)):
            seen = now.seen[now.position]
            lab.wanted = seen.last_step
            self._go_to(lab, seen.step)

    def _become(self, lab: Lab, log: ActionLog) -> None:
        """Have the lanes of a log; show the step of before as soon as all have come there, and play on if it played."""
        self._held = None  # what is done now comes after it
        if log.recipe.makes_the_same(lab.recipe):
            lab.recipe, self.log = log.recipe, log
            return
        step = lab.step if self._goal is None else self._goal
        plays_on = self._plays_on or self._activity is Activity.PLAYING
        lab.become(log.recipe)
        self.log = log
        if self._until is not None and (gone := self._until.begin_anew(lab)) is not None:
            self._until, plays_on = None, False
            lab.leave_out(InitscopeError(Problem.UNTIL_ENDED, cause=gone))
        self._go_to(lab, step)
        if plays_on and self._goal is None:
            self._play(lab, Play(self._speed))
        else:
            self._plays_on = plays_on

    def _rest(self) -> None:
        self._land()
        self._activity, self._goal, self._plays_on = Activity.IDLE, None, False

    def _settle(self) -> None:
        """Stay at the shown step; a lane that is behind catches up meanwhile, which is seeking without a goal."""
        self._rest()
        if self._lab is not None and self._lab.falls_short:
            self._activity = Activity.SEEKING

    def _go_to(self, lab: Lab, step: int) -> None:
        lab.move(step)
        self._plays_on = False
        if step > lab.reached:
            self._activity, self._goal = Activity.SEEKING, step
        else:
            self._settle()
