"""Every setting, from the environment or a `.env` file; nothing else reads the environment.

Names in the environment carry the prefix `L2C_`, so `port` is `L2C_PORT`. Command-line flags
win over the environment, the environment wins over these defaults.
"""

from __future__ import annotations

from pathlib import Path

import platformdirs
from pydantic import Field
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
    host: str = Field("127.0.0.1", description="The address to listen on. Loopback only, for now.")
    port: int = Field(8000, ge=0, le=65535, description="The port; 0 takes a free one.")
    starter: Path | None = Field(
        None, description="A checkpoint `le` begins with, instead of the one that came with L2C."
    )
    model: str = Field("le", description="The model that answers when none is named.")
    temperature: float = Field(
        0.6, ge=0, le=2, description="How daring answers are; 0 always takes the likeliest letter."
    )
    answer_tokens: int = Field(400, ge=1, le=4096, description="The most tokens of one answer.")
    practice_tokens: int = Field(
        2_000_000, ge=0, description="Tokens a day the learner may practise on old text when idle."
    )
    autosave_s: float = Field(300, gt=0, description="Seconds between two resume points.")
    learner: bool = Field(True, description="Whether `serve` starts the learner.")
