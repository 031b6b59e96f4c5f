"""I4: workers are killed at any moment; the call that one was at has one
outcome, which says so, and the run ends."""
import time

import arena as arenas
import judge
import play as plays

KILLS_OF_A_RUN = 10
PAUSE_S = 0.03

rng = arenas.seeded()
figures = {"kills": 0, "calls failed": 0, "runs": 0}


def kill_one(play):
    """Returns whether there was one."""
    workers = play.arena.workers()
    if not workers:
        return False
    if play.arena.kill(rng.choice(workers)):
        figures["kills"] += 1
        return True
    return False


def trial(arena):
    play = plays.Play(arena, rng)
    play.expect_begun(play.begin())
    play.collect()
    kills = 0
    while kills < KILLS_OF_A_RUN and play.is_running():
        kills += kill_one(play)
        time.sleep(rng.uniform(0, PAUSE_S))
    play.finish()
    failed = judge.expect_record(play.run["store"], plays.EXPECTED)
    if failed > kills:
        raise arenas.Wrong(f"{kills} workers were killed, {failed} calls failed")
    figures["calls failed"] += failed
    figures["runs"] += 1


plays.repeat(200 if arenas.is_long else 8, trial, figures)
