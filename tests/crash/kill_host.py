"""I1 to I5, I7: the background process is killed at any moment, and carried on;
no result is lost, none is given after its acknowledgement, nothing is left."""
import os
import time

import arena as arenas
import play as plays

rng = arenas.seeded()
length = plays.measure(rng)
figures = {"kills": 0, "before there was a run": 0, "resumed": 0,
           "redelivered": 0, "runs": 0}


def await_moment(play, begin, moment):
    """Wait until then, or until the run is over; that tells its length, if it
    is a whole one."""
    global length
    while time.monotonic() - begin < moment:
        time.sleep(0.002)
        if not os.path.exists(play.arena.address):
            if play.attempts == 1:
                length = min(length, time.monotonic() - begin)
            return


def kill_at(play, moment):
    """Begin, or carry on, and kill at that moment, in seconds. Returns whether
    somebody was killed; the run may have ended before."""
    begin = time.monotonic()
    starting = play.begin()
    while starting.poll() is None and time.monotonic() - begin < moment:
        time.sleep(0.001)
    if starting.poll() is not None:
        play.expect_begun(starting)
        for _ in range(rng.choice((1, 1, 2))):
            play.collect()
        await_moment(play, begin, moment)
    killed = play.kill_host()
    starting.communicate(timeout=arenas.GIVE_UP_S)
    # It may have forked while we looked.
    killed = play.kill_host() or killed
    play.await_collectors((0, 2, 69))
    return killed


def trial(arena):
    play = plays.Play(arena, rng)
    for _ in range(rng.choice((1, 1, 2, 3))):
        figures["resumed"] += play.run is not None
        if not kill_at(play, rng.uniform(0, length)):
            break
        figures["kills"] += 1
        if play.look() is None:
            figures["before there was a run"] += 1
        elif play.run["state"] == "finished":
            break
        elif rng.random() < 0.3:
            play.collect()  # out of its store
            play.await_collectors((0, 2, 69))
    if play.look() is not None and play.run["state"] != "finished":
        figures["resumed"] += 1
    play.finish()
    figures["runs"] += 1
    figures["redelivered"] += play.redelivered


plays.repeat(200 if arenas.is_long else 8, trial, figures)
