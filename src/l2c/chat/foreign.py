"""What other programs write: OpenAI messages, ShareGPT, and ChatGPT's own export.

Of ChatGPT's trees of nodes the visible ones become turns, branches and all: nodes without a
message, of the system or a tool, hidden ones, and those that only carry the user's profile or the
model's thoughts are passed over, and what follows them follows the turn before them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from l2c.chat.transcripts import Transcript
from l2c.conversation import Message, Role
from l2c.errors import InvalidInput
from l2c.store.database import new_id, rfc3339
from l2c.store.trees import Tree, TreeTurn

_ROLES = {
    "system": Role.SYSTEM,
    "developer": Role.SYSTEM,
    "user": Role.USER,
    "human": Role.USER,
    "assistant": Role.ASSISTANT,
    "gpt": Role.ASSISTANT,
    "model": Role.ASSISTANT,
}
_SAID = ("text", "multimodal_text", "code")
"""Kinds of content a person sees as said; others are profiles, thoughts and output of tools."""


def openai_line(transcript: Transcript) -> str:
    """`{"messages": […]}` on one line."""
    messages = [{"role": one.role.value, "content": one.text} for one in transcript.messages]
    return json.dumps({"messages": messages}, ensure_ascii=False) + "\n"


def sharegpt_line(transcript: Transcript) -> str:
    """`{"conversations": […]}` on one line."""
    names = {Role.SYSTEM: "system", Role.USER: "human", Role.ASSISTANT: "gpt"}
    said = [{"from": names[one.role], "value": one.text} for one in transcript.messages]
    return json.dumps({"conversations": said}, ensure_ascii=False) + "\n"


def transcript_of(value: Mapping[str, Any]) -> Transcript:
    """The transcript of one line of either. Raises `InvalidInput`."""
    title = value.get("title")
    listed = value.get("messages")
    who, what = ("role", "content") if isinstance(listed, list) else ("from", "value")
    listed = listed if isinstance(listed, list) else value.get("conversations")
    if not isinstance(listed, list):
        raise InvalidInput("Neither `messages` nor `conversations` is a list here.")
    messages = []
    for one in listed:
        if not isinstance(one, dict) or not isinstance(one.get(who), str):
            raise InvalidInput(f"A message must be an object with `{who}` and `{what}`.")
        role = _ROLES.get(one[who])
        if role is not None:
            messages.append(Message(role, _content(one.get(what))))
    return Transcript(title if isinstance(title, str) else "", tuple(messages))


def tree_of_transcript(
    transcript: Transcript, *, model: str, learn: bool, now: str, name: str
) -> Tree:
    """A transcript as a tree of one branch; a first message of the system is its prompt.

    `name` tells it from others of the same words. Raises `InvalidInput` when nothing was said.
    """
    said = transcript.messages
    prompt = said[0].text if said and said[0].role is Role.SYSTEM else ""
    said = tuple(one for one in said if one.role is not Role.SYSTEM)
    if not said:
        raise InvalidInput("Nothing is said in this conversation.")
    ids = [new_id() for _ in said]
    turns = tuple(
        TreeTurn(
            id=ids[number],
            parent_id=ids[number - 1] if number else None,
            role=one.role,
            text=_storable(one.text),
            created_at=now,
            finished_at=now,
            model=model if one.role is Role.ASSISTANT else None,
            source_id=f"{number}",
        )
        for number, one in enumerate(said)
    )
    words = [transcript.title, prompt, *(f"{one.role} {one.text}" for one in said)]
    digest = _digest(words)
    return Tree(
        id=new_id(),
        title=_storable(transcript.title)[:200],
        titled=transcript.title != "",
        model=model,
        learn=learn,
        created_at=now,
        updated_at=now,
        active_turn_id=ids[-1],
        turns=turns,
        system_prompt=_storable(prompt),
        source_id=f"{digest}:{name}",
        source_digest=digest,
    )


def tree_of_chatgpt(value: Mapping[str, Any], *, model: str, learn: bool, now: str) -> Tree:
    """A conversation of ChatGPT's export as a tree. Raises `InvalidInput` when nothing is said."""
    mapping = value.get("mapping")
    name = value.get("conversation_id") or value.get("id")
    if not isinstance(mapping, dict) or not isinstance(name, str):
        raise InvalidInput("A conversation of ChatGPT has a `mapping` and an id; this has not.")
    created = _time(value.get("create_time"), now)
    answered_by = f"chatgpt/{_short(value.get('default_model_slug')) or 'unknown'}"
    turns: list[TreeTurn] = []
    stands_for: dict[str, str | None] = {}
    for node_id, node, parent in _nodes(mapping):
        above = None if parent is None else stands_for.get(parent)
        message = _visible(node)
        if message is None:
            stands_for[node_id] = above
            continue
        role, text, about = message
        turn_id = stands_for[node_id] = new_id()
        at = _time(about.get("create_time"), created)
        slug = _short((about.get("metadata") or {}).get("model_slug"))
        turns.append(
            TreeTurn(
                id=turn_id,
                parent_id=above,
                role=role,
                text=text,
                created_at=at,
                finished_at=at,
                model=None if role is Role.USER else f"chatgpt/{slug}" if slug else answered_by,
                source_id=node_id[:64],
            )
        )
    if not turns:
        raise InvalidInput("Nothing is said in this conversation.")
    title = value.get("title")
    shown = value.get("current_node")
    last = stands_for.get(shown) if isinstance(shown, str) else None
    return Tree(
        id=new_id(),
        title=_storable(title)[:200] if isinstance(title, str) else "",
        titled=isinstance(title, str) and title != "",
        model=model,
        learn=learn,
        created_at=created,
        updated_at=_time(value.get("update_time"), created),
        active_turn_id=last or turns[-1].id,
        turns=tuple(turns),
        source_id=f"chatgpt:{name[:64]}",
        source_digest=_digest([f"{one.source_id} {one.text}" for one in turns]),
    )


def _nodes(mapping: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], str | None]]:
    """Every node after its parent, siblings in their order; each node once, loops or not."""
    roots = [name for name, node in mapping.items() if _parent(mapping, node) is None]
    waiting: list[tuple[str, str | None]] = [(name, None) for name in reversed(roots)]
    seen = set()
    while waiting:
        name, parent = waiting.pop()
        node = mapping.get(name)
        if name in seen or not isinstance(node, dict):
            continue
        seen.add(name)
        yield name, node, parent
        children = node.get("children")
        if isinstance(children, list):
            waiting += [(child, name) for child in reversed(children) if isinstance(child, str)]


def _parent(mapping: Mapping[str, Any], node: object) -> str | None:
    parent = node.get("parent") if isinstance(node, dict) else None
    return parent if isinstance(parent, str) and parent in mapping else None


def _visible(node: Mapping[str, Any]) -> tuple[Role, str, Mapping[str, Any]] | None:
    """Who says what in a node, if a person would see it."""
    message = node.get("message")
    if not isinstance(message, dict):
        return None
    author, content = message.get("author"), message.get("content")
    metadata = message.get("metadata")
    if not isinstance(author, dict) or not isinstance(content, dict):
        return None
    hidden = isinstance(metadata, dict) and metadata.get("is_visually_hidden_from_conversation")
    role = {"user": Role.USER, "assistant": Role.ASSISTANT}.get(str(author.get("role")))
    if role is None or hidden or message.get("recipient", "all") != "all":
        return None
    if content.get("content_type") not in _SAID:
        return None
    text = _content(content.get("parts", content.get("text")))
    if not text.strip():
        return None
    return role, text, message if isinstance(metadata, dict) else {**message, "metadata": {}}


def _content(value: object) -> str:
    """The text of a message: a string, or parts of which some are no text."""
    parts: Sequence[object] = value if isinstance(value, list) else [value]
    texts = []
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
        elif isinstance(part, dict) and isinstance(part.get("text"), str):
            texts.append(part["text"])
        elif isinstance(part, dict) and "image" in str(part.get("content_type", part.get("type"))):
            texts.append("[image]")
    return _storable("\n".join(texts))


def _short(value: object) -> str:
    return value[:100] if isinstance(value, str) else ""


def _storable(text: str) -> str:
    """The text with halves of surrogate pairs replaced, which some programs write."""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def _time(value: object, otherwise: str) -> str:
    """Seconds since 1970 as RFC 3339."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return otherwise
    try:
        return rfc3339(datetime.fromtimestamp(value, UTC))
    except (OverflowError, OSError, ValueError):
        return otherwise


def _digest(words: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(words, ensure_ascii=True).encode()).hexdigest()
