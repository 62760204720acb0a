"""The servers of other models, as the settings name them."""

from __future__ import annotations

from l2c.providers.ollama import Ollama
from l2c.providers.openai import OpenAI
from l2c.providers.remote import RemoteServer
from l2c.settings import Settings


def remote_servers(settings: Settings) -> dict[str, RemoteServer]:
    """The servers of other models that the settings name."""
    servers: list[RemoteServer] = []
    if settings.ollama_url:
        servers.append(Ollama("ollama", settings.ollama_url, window=settings.remote_window))
    if settings.openai_url:
        key = settings.openai_key.get_secret_value() if settings.openai_key else None
        servers.append(
            OpenAI("openai", settings.openai_url, key=key, window=settings.remote_window)
        )
    return {server.name: server for server in servers}
