"""The servers of other models: those of the settings, and those the user has named."""

from __future__ import annotations

from pathlib import Path

from l2c.providers.ollama import Ollama
from l2c.providers.openai import OpenAI
from l2c.providers.remote import VIA, RemoteServer
from l2c.providers.servers import FILE, Servers
from l2c.settings import Settings, environment

__all__ = ["VIA", "open_servers"]


def open_servers(settings: Settings, data_dir: Path) -> Servers:
    """Every server of other models that this data directory knows."""
    fixed: list[RemoteServer] = []
    if settings.ollama_url:
        fixed.append(Ollama("ollama", settings.ollama_url, window=settings.remote_window))
    if settings.openai_url:
        key = settings.openai_key.get_secret_value() if settings.openai_key else None
        fixed.append(OpenAI("openai", settings.openai_url, key=key, window=settings.remote_window))
    return Servers({server.name: server for server in fixed}, data_dir / FILE, secret=environment)
