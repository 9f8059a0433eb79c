import pytest

# So that a failing check in a helper says what it compared.
pytest.register_assert_rewrite("tests.integration.ingest.replay", "tests.faults.load")
