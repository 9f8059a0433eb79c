"""What stands on command lines, refused in one line when it is not what it should be."""

import argparse
import math
import re
import shutil
from pathlib import Path

MOST = 100_000
TOKEN = re.compile(r"[\x21-\x7e]{0,4096}")


def count(text: str) -> int:
    """A whole number from 1 to 100,000."""
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= MOST:
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is not a whole number from 1 to 100,000")
    return int(text)


def positive(text: str) -> float:
    """A number above 0, up to 100,000."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value <= MOST:
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is not a number above 0, up to 100,000")
    return value


def token(text: str) -> str:
    """An access token; none is an empty text."""
    if not TOKEN.fullmatch(text):
        raise argparse.ArgumentTypeError("the token must be printable ASCII without spaces")
    return text


def token_in(file: str) -> str:
    """The access token that a file holds."""
    try:
        return token(Path(file).read_text(encoding="ascii").strip())
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeError:
        raise argparse.ArgumentTypeError(f"{file} holds no token: it is not ASCII") from None


def chromium(named: str | None) -> str | None:
    """The browser: the one named, else the installed one; None when there is none such."""
    return shutil.which(named or "chromium")
