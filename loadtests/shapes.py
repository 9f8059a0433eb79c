"""How many people there are at each moment of a run."""

SHAPES = ("steady", "ramp", "spike", "soak")
SPIKE_SECONDS = 10.0  # in which everyone comes to work
FEW = 0.1  # of all, before and after a spike
SOAK_START = 0.05  # of the run, in which the users of a soak come one by one


def people(shape: str, everyone: int, run_seconds: float, at_seconds: float) -> int:
    """How many people a shape asks for.

    ``steady``: everyone at once, as fast as --spawn-rate lets them. ``ramp``: more and more until
    the end. ``spike``: a tenth, in the second third everyone, then a tenth again. ``soak``:
    everyone after a slow start.
    """
    share = at_seconds / run_seconds if run_seconds else 1.0
    parts: dict[str, float] = {
        "steady": 1.0,
        "ramp": share,
        "spike": 1.0 if 1 / 3 <= share < 2 / 3 else FEW,
        "soak": share / SOAK_START,
    }
    return max(1, round(everyone * min(1.0, parts[shape])))
