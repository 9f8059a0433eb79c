"""A service whose certificate nobody vouches for is shown no token."""

import json
import ssl
import sys

from tests.integration.loadtests.running import run

SCRIPT = """
import json
from locust.env import Environment
from loadtests.browsing import BrowsingUser
from loadtests.options import defaults
from loadtests.run import Run

class Visitor(BrowsingUser):
    host = "https://127.0.0.1:1"

BrowsingUser.run_state = Run()
BrowsingUser.options = defaults()
visitor = Visitor(Environment())
contexts = [
    session.client.clientpool.get_client(visitor.host)._connection_pool.ssl_context
    for session in (visitor.client, visitor._new_session())
]
print(json.dumps([[one.verify_mode, one.check_hostname] for one in contexts]))
"""


def test_every_connection_asks_for_a_certificate_of_that_name() -> None:
    done = run(sys.executable, "-c", SCRIPT)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [[ssl.CERT_REQUIRED, True]] * 2
