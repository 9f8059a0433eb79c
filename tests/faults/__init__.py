import pytest

# So that a failing check in a helper says what it compared.
pytest.register_assert_rewrite("tests.faults.load", "tests.faults.process")
