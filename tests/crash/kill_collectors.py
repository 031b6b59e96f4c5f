"""I2, I3: collectors are killed at any moment; the next one gets exactly what
was not acknowledged, marked if it had been given out."""
import time

import arena as arenas
import play as plays

KILLS_OF_A_RUN = 10
LIFE_S = 0.08

rng = arenas.seeded()
figures = {"kills": 0, "runs": 0, "redelivered": 0}


def kill_one(play):
    """One that has begun to collect, or is about to."""
    play.collect()
    if play.program and rng.random() < 0.3:
        play.collect()
    victim = play.collectors.pop(rng.randrange(len(play.collectors)))
    time.sleep(rng.uniform(0, LIFE_S))
    victim.kill()
    victim.communicate()
    for process in play.collectors:
        process.kill()
        process.communicate()
    figures["kills"] += 1 + len(play.collectors)
    play.collectors = []


def trial(arena):
    play = plays.Play(arena, rng)
    play.expect_begun(play.begin())
    for _ in range(KILLS_OF_A_RUN):
        kill_one(play)
    play.finish()
    figures["runs"] += 1
    figures["redelivered"] += play.redelivered


plays.repeat(200 if arenas.is_long else 8, trial, figures)
