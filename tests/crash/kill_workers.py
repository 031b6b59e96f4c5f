"""I4: workers, and keepers, are killed at any moment; the call that one was at
has one outcome, which says so, no attempt runs beside another, and the run
ends."""
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
    victims = (play.arena.keepers() if rng.random() < 0.3 else
               play.arena.workers())
    if not victims:
        return False
    if play.arena.kill(rng.choice(victims)):
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
        raise arenas.Wrong(f"{kills} processes were killed, {failed} calls failed")
    figures["calls failed"] += failed
    figures["runs"] += 1


plays.repeat(200 if arenas.is_long else 8, trial, figures)
