"""Who is told: the generated configuration, run by a real Alertmanager against local receivers."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
import yaml
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from slo.alertmanager import SECRETS, Mail, People, Screen, alertmanager_file
from slo.generated import compare
from slo.objectives import load_objectives
from tests.answering import Answering, answering
from tests.integration.slo.commands import Execdash
from tests.integration.slo.live import running_alertmanager
from tests.integration.slo.test_deploy import checked, run
from tests.ports import free_port
from tests.program import until

KEPT = Path(__file__).parents[3] / "deploy" / "alertmanager"
OBJECTIVES = load_objectives()
SCREEN = Screen()
MAIL = Mail("smtp.example.com:587", "am@example.com", "sre@example.com", "am")
EVERYBODY = People(MAIL, "#slo", True, "https://example.com/hook", "https://example.com/alive")
SECRET_NAMES = ("slack_url", "pagerduty_routing_key", "smtp_password", "webhook_token")
OPTIONS = [
    *("--mail-server", MAIL.server, "--mail-from", MAIL.sender, "--mail-to", MAIL.to),
    *("--mail-user", MAIL.user, "--slack", "#slo", "--pagerduty"),
    *("--webhook", "https://example.com/hook", "--heartbeat", "https://example.com/alive"),
]


def test_the_kept_file_is_what_the_generator_writes() -> None:
    compare(KEPT, {"alertmanager.yml": alertmanager_file(OBJECTIVES, SCREEN, People())})


def test_the_command_writes_what_alertmanager_accepts(execdash: Execdash, tmp_path: Path) -> None:
    assert execdash("slo", "alertmanager", "--folder", tmp_path, *OPTIONS).returncode == 0
    written = (tmp_path / "alertmanager.yml").read_text()
    assert written == alertmanager_file(OBJECTIVES, SCREEN, EVERYBODY)
    checked("amtool", "check-config", tmp_path / "alertmanager.yml")
    outdated = execdash("slo", "alertmanager", "--folder", tmp_path, "--check")
    assert outdated.returncode == 1
    assert "alertmanager.yml" in outdated.stderr


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--slack", "slo"], "--slack 'slo' is not a channel such as #slo"),
        (["--webhook", "ftp://x"], "--webhook 'ftp://x' is not an address"),
        (["--mail-to", "sre@example.com"], "needs --mail-to, --mail-from and --mail-server"),
        ([*OPTIONS[:3], "me", *OPTIONS[4:]], "--mail-from 'me' is not an address"),
        (["--mail-server", "smtp", *OPTIONS[2:6]], "--mail-server 'smtp' is not a server"),
    ],
)
def test_a_mistake_is_one_clear_line(
    execdash: Execdash, tmp_path: Path, options: list[str], says: str
) -> None:
    done = execdash("slo", "alertmanager", "--folder", tmp_path, *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_no_secret_stands_in_the_configuration_and_none_is_kept_in_git() -> None:
    text = alertmanager_file(OBJECTIVES, SCREEN, EVERYBODY)
    named = [line.split(": ")[1] for line in text.splitlines() if "_file: " in line]
    assert set(named) - {SCREEN.token_file} == {f"{SECRETS}/{name}" for name in SECRET_NAMES}
    done = run("git", "-C", KEPT, "check-ignore", "secrets/slack_url", "secrets/smtp_password")
    assert done.stdout.split() == ["secrets/slack_url", "secrets/smtp_password"]


@dataclass
class Mailbox:
    """Takes mail from whoever signs in with the right password."""

    password: bytes
    mails: list[EmailMessage] = field(default_factory=list)

    def sign_in(
        self, server: SMTP, session: Session, envelope: Envelope, how: str, who: Any
    ) -> Any:
        assert isinstance(who, LoginPassword)
        right = (who.login, who.password) == (MAIL.user.encode(), self.password)
        return AuthResult(success=right)

    async def handle_DATA(  # noqa: N802 - aiosmtpd's own spelling
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if not session.authenticated:
            return "530 Sign in first"
        content = envelope.content
        assert isinstance(content, bytes)
        self.mails.append(message_from_bytes(content, policy=policy.default))
        return "250 OK"


@contextmanager
def receiving_mail(mailbox: Mailbox, port: int) -> Iterator[None]:
    controller = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=port,
        authenticator=mailbox.sign_in,
        auth_require_tls=False,
        auth_exclude_mechanism=["LOGIN"],  # its questions are not those Alertmanager knows
    )
    controller.start()
    try:
        yield
    finally:
        controller.stop()


def burn(slo: str, severity: str, tier: str) -> dict[str, Any]:
    labels = {"alertname": "SloErrorBudgetBurn", "service": "execdash", "slo": slo}
    return {
        "labels": {**labels, "severity": severity, "tier": tier},
        "annotations": {
            "summary": f"{slo} burns",
            "description": "12 % bad",
            "runbook_url": "r.md",
        },
        "startsAt": datetime.now(UTC).isoformat(),
    }


SWITCH = {"labels": {"alertname": "SloDeadMansSwitch", "severity": "none"}}


def tell(alertmanager: str, *alerts: dict[str, Any]) -> None:
    request = Request(
        f"http://{alertmanager}/api/v2/alerts",
        json.dumps(alerts).encode(),
        {"Content-Type": "application/json"},
        method="POST",
    )
    with urlopen(request, timeout=10):
        pass


def local(config: str, receiver: str, mail_port: int, folder: Path) -> str:
    """The same configuration with addresses of this machine, where nothing speaks TLS."""
    assert SCREEN.token_file
    config = config.replace(SCREEN.token_file, str(folder / "screen_token"))
    content = yaml.safe_load(config.replace(SECRETS, str(folder)))
    content["global"] |= {"smtp_smarthost": f"127.0.0.1:{mail_port}", "smtp_require_tls": False}
    for name in content["receivers"]:
        for kind, path in (("webhook_configs", None), ("pagerduty_configs", "pagerduty")):
            for one in name.get(kind, []):
                end = path or one["url"].rpartition("/")[2]
                one["url"] = f"{receiver}/{end}"
    return yaml.safe_dump(content)


def received(server: Answering, path: str) -> list[tuple[Any, dict[str, Any]]]:
    """Headers and bodies of what was sent to a path."""
    pairs = zip(server.asked, server.sent, strict=True)
    return [(headers, json.loads(body)) for at, (headers, body) in pairs if at == path]


def test_everybody_is_told_what_concerns_them_by_secrets_from_files(tmp_path: Path) -> None:
    mailbox = Mailbox(b"mail secret")
    mail_port = free_port()
    with answering(b"ok") as server, receiving_mail(mailbox, mail_port):
        secrets = {
            "slack_url": f"{server.url}/services/T0/secret",
            "pagerduty_routing_key": "routing secret",
            "smtp_password": mailbox.password.decode(),
            "webhook_token": "token secret",
            "screen_token": "screen secret",
        }
        for name, secret in secrets.items():
            (tmp_path / name).write_text(secret)
        config = local(
            alertmanager_file(OBJECTIVES, SCREEN, EVERYBODY), server.url, mail_port, tmp_path
        )
        with running_alertmanager(config, tmp_path) as alertmanager:
            tell(
                alertmanager,
                burn("ttfb", "page", "page-slow"),
                burn("ttfb", "ticket", "ticket-slow"),  # inhibited by the page
                burn("render", "ticket", "ticket-slow"),
                SWITCH,
            )

            def all_told() -> bool:
                paths = ("/webhook", "/hook", "/services/T0/secret", "/pagerduty")
                told = [len(received(server, path)) for path in paths]
                return [*told, len(mailbox.mails)] == [2, 2, 2, 1, 2] and "/alive" in server.asked

            until(all_told, "everybody to be told", 30)

    on_screen = {
        alert["labels"]["tier"]
        for _, one in received(server, "/webhook")
        for alert in one["alerts"]
    }
    assert on_screen == {"page-slow", "ticket-slow"}
    tokens = {headers["Authorization"] for headers, _ in received(server, "/webhook")}
    assert tokens == {"Bearer screen secret"}
    tokens = {headers["Authorization"] for headers, _ in received(server, "/hook")}
    assert tokens == {"Bearer token secret"}
    ((_, page),) = received(server, "/pagerduty")
    assert page["routing_key"] == "routing secret"
    assert page["payload"]["summary"] == "FIRING: ttfb burns"
    slack = [one for _, one in received(server, "/services/T0/secret")]
    assert {one["channel"] for one in slack} == {"#slo"}
    assert {one["attachments"][0]["title"] for one in slack} == {
        "FIRING: ttfb burns",
        "FIRING: render burns",
    }
    assert {mail["Subject"] for mail in mailbox.mails} == {
        "FIRING: ttfb burns",
        "FIRING: render burns",
    }
    assert {mail["To"] for mail in mailbox.mails} == {MAIL.to}
    plain = mailbox.mails[0].get_body(("plain",))
    assert plain is not None
    assert "12 % bad" in plain.get_content()
    ((_, alive), *_) = received(server, "/alive")
    assert alive["commonLabels"]["alertname"] == "SloDeadMansSwitch"
