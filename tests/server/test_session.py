"""What the page asks first."""

import l2c
from tests.server.serving import Serving


def test_the_session_says_who_is_here_and_what_can_be_used(server: Serving) -> None:
    session = server.get("/app/v1/session")
    assert session == {
        "user": "local",
        "version": l2c.__version__,
        "default_model": "le",
        "models": server.get("/app/v1/models")["models"],
        "sampling": {"temperature": server.runtime.settings.temperature},
        "limits": {"text_characters": 32768},
    }
