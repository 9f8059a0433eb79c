"""Typeset text as it is typed: tests then read like what is said."""

TYPED = str.maketrans({"−": "-", "×": "x", "\u00a0": " ", "\u202f": " ", "\u2060": None})


def plain(text: str) -> str:
    """``text`` with an ASCII minus and plain spaces, without what keeps it on one line."""
    return text.translate(TYPED)
