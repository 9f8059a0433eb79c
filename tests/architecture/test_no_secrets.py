"""No key, token or password is in a file of the project; what looks like one is explained."""

import re
import subprocess
from typing import Any

from detect_secrets.core.scan import scan_file
from detect_secrets.settings import transient_settings

from api.auth import secrets
from tests.architecture.source import ROOT

SHAPES = [  # of keys that mean something to somebody
    "AWSKeyDetector",
    "AzureStorageKeyDetector",
    "DiscordBotTokenDetector",
    "GitHubTokenDetector",
    "GitLabTokenDetector",
    "JwtTokenDetector",
    "MailchimpDetector",
    "NpmDetector",
    "OpenAIDetector",
    "PrivateKeyDetector",
    "PypiTokenDetector",
    "SendGridDetector",
    "SlackDetector",
    "SquareOAuthDetector",
    "StripeDetector",
    "TelegramBotTokenDetector",
    "TwilioKeyDetector",
]
# In tests and examples, passwords and random digits are made up.
LOOKS = ["BasicAuthDetector", "HexHighEntropyString", "KeywordDetector"]
NO_SECRETS = {
    ("api/examples.py", "Hex High Entropy String"),  # a trace's id
    ("api/settings.py", "Basic Auth Credentials"),  # USER:PASSWORD, in the words of a setting
    ("docs/settings.md", "Basic Auth Credentials"),  # the same
}
COMMITS: dict[str, Any] = {  # of kept results; some of them look random enough
    "path": "detect_secrets.filters.regex.should_exclude_line",
    "pattern": [r'^ *"commit": "[0-9a-f]{12}\+?",?$'],
}
OWN_TOKEN = re.compile(re.escape(secrets.TOKEN_PREFIX) + r"[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])")
GENERATED = ("package-lock.json", "uv.lock", "schema.d.ts", ".png", "superstore.csv")


def found_in(files: list[str], detectors: list[str]) -> set[tuple[str, str]]:
    with transient_settings({"plugins_used": [{"name": name} for name in detectors]}) as settings:
        settings.filters[COMMITS["path"]] = COMMITS
        return {(file, secret.type) for file in files for secret in scan_file(str(ROOT / file))}


def own_tokens_in(files: list[str]) -> set[str]:
    """Files that hold what a token of this product looks like."""
    texts = ((file, (ROOT / file).read_text(encoding="utf-8", errors="replace")) for file in files)
    return {file for file, text in texts if OWN_TOKEN.search(text)}


def tracked() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return [file for file in listed if not file.endswith(GENERATED) and (ROOT / file).is_file()]


def test_no_file_holds_a_secret() -> None:
    files = tracked()
    ours = [file for file in files if not file.startswith("tests/") and ".test." not in file]
    assert found_in(files, SHAPES) == set()
    assert own_tokens_in(files) == set()
    assert found_in(ours, LOOKS) - NO_SECRETS == set()


def test_a_secret_would_be_found() -> None:
    file = ROOT / ".cache" / "a-secret.py"
    file.parent.mkdir(exist_ok=True)
    key = "AKIA" + "Z" * 4 + "Q3EGRGEXAMP5"
    file.write_text(f'key = "{key}"\npassword = "correct-horse-{key}"\n')
    try:
        assert found_in([".cache/a-secret.py"], SHAPES)
        assert found_in([".cache/a-secret.py"], LOOKS)
        file.write_text(f"curl -H 'Authorization: Bearer {secrets.new_token()}'\n")
        assert own_tokens_in([".cache/a-secret.py"])
    finally:
        file.unlink()
