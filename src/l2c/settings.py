"""Every setting, from the environment or a `.env` file.

Nothing else reads the environment, but the light server, which reads a few of these names itself.

Names in the environment carry the prefix `L2C_`, so `port` is `L2C_PORT`. Command-line flags
win over the environment, the environment wins over these defaults.
"""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path
from urllib.parse import urlsplit

import platformdirs
from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


def _default_data_dir() -> Path:
    return Path(platformdirs.user_data_dir("l2c", appauthor=False))


class Settings(BaseSettings):
    """What can be set, with its range."""

    model_config = SettingsConfigDict(
        env_prefix="L2C_", env_file=".env", extra="ignore", frozen=True
    )

    data_dir: Path = Field(
        default_factory=_default_data_dir,
        description="Where conversations and checkpoints are kept.",
    )
    database_url: SecretStr | None = Field(
        default=None,
        description="A PostgreSQL database, `postgresql://name:password@host/database`, to keep "
        "the store in, instead of a file in the data directory. Several servers can share it.",
    )
    host: str = Field(
        default="127.0.0.1",
        description="The address to listen on. On any but loopback, people sign in.",
    )
    require_key: bool = Field(
        default=False,
        description="Whether people sign in, and programs need a key, on loopback too.",
    )
    port: int = Field(default=8000, ge=0, le=65535, description="The port; 0 takes a free one.")
    starter: Path | None = Field(
        default=None,
        description="A checkpoint `le` begins with, instead of the one that came with L2C.",
    )
    model: str = Field(default="le", description="The model that answers when none is named.")
    temperature: float = Field(
        default=0.3,
        ge=0,
        le=2,
        description="How daring answers are; 0 always takes the likeliest word.",
    )
    answer_tokens: int = Field(
        default=400,
        ge=1,
        le=4096,
        description="The most tokens of one answer.",
    )
    practice_tokens: int = Field(
        default=2_000_000,
        ge=0,
        description="Tokens a day the learner may practise on old text when idle.",
    )
    night_exchanges: int = Field(
        default=2_000,
        ge=1,
        description="Exchanges one night learns again; beyond, an earlier night is the start.",
    )
    gate_general_percent: float = Field(
        default=3.0,
        gt=0,
        le=100,
        description="How much worse than at the start general text may get.",
    )
    gate_night_percent: float = Field(
        default=1.0,
        gt=0,
        le=100,
        description="The same for the lesson of a night, where that is less.",
    )
    gate_old_percent: float = Field(
        default=60.0,
        ge=0,
        le=100,
        description="How much of what earlier lessons gained must be left.",
    )
    gate_recall_percent: float = Field(
        default=0.0,
        ge=0,
        le=100,
        description="How many questions about new facts must be answered, in wordings of the gate.",
    )
    gate_recall_kept_percent: float = Field(
        default=80.0,
        ge=0,
        le=100,
        description="How much of the share of older facts that are answered must be left.",
    )
    liked_percent: float = Field(
        default=50.0,
        ge=0,
        le=100,
        description="How many rated answers must be good for a version to stay; 0 lets all stay.",
    )
    checkpoint_mb: int = Field(
        default=1024,
        ge=0,
        description="Disk for older versions of a model; live, first and pinned ones always stay.",
    )
    autosave_s: float = Field(default=300, gt=0, description="Seconds between two resume points.")
    learner: bool = Field(default=True, description="Whether `serve` starts the learner.")
    session_logs: bool = Field(
        default=True,
        description="Whether conversations are also written to `logs/conversations/`.",
    )
    dream_replay: bool = Field(
        default=False,
        description="Whether `l2c train --auto` rehearses a model's own kept dreams too.",
    )
    document_mb: int = Field(
        default=25,
        ge=1,
        le=1024,
        description="The largest document that can be added, in megabytes.",
    )
    ollama_url: str = Field(
        default="http://127.0.0.1:11434",
        validation_alias=AliasChoices("L2C_OLLAMA_URL", "OLLAMA_HOST", "ollama_url"),
        description="Where Ollama listens; empty for none. `OLLAMA_HOST` is understood too.",
    )
    openai_url: str = Field(
        default="",
        description="The address of an OpenAI-compatible server, up to and with `/v1`.",
    )
    openai_key: SecretStr | None = Field(default=None, description="The key of that server.")
    remote_window: int | None = Field(
        default=None,
        ge=256,
        description="Tokens of a remote model's window, instead of what it tells.",
    )

    @property
    def on_loopback(self) -> bool:
        """Whether only programs of this machine can reach the server."""
        try:
            return self.host == "localhost" or ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @field_validator("ollama_url")
    @classmethod
    def _whole_address(cls, url: str) -> str:
        """`OLLAMA_HOST` may be a name, a name and port, or the address a server listens on."""
        if not url:
            return url
        whole = url if "://" in url else f"http://{url}"
        parts = urlsplit(whole)
        host = "127.0.0.1" if parts.hostname == "0.0.0.0" else parts.hostname
        return f"{parts.scheme}://{host}:{parts.port or 11434}"


def environment(name: str) -> str | None:
    """A variable of the environment that a user has named, such as that of a server's key."""
    return os.environ.get(name)
