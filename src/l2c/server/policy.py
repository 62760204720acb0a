"""Who may call which route: one table, and nothing that is not in it.

A route without a row here is closed to everybody (and a test fails). What a row says is checked
before the route runs, whatever somebody came in with; whose things a route then sees is decided
below, by repositories bound to one user.
"""

from __future__ import annotations

from dataclasses import dataclass

from l2c.runtime.door import Scope


@dataclass(frozen=True, slots=True)
class Policy:
    """What a caller needs: a scope (None: nothing, not even a name), or to administer too."""

    scope: Scope | None
    administrator: bool = False


PUBLIC = Policy(None)
READ, CHAT, LEARN, ADMIN = (Policy(scope) for scope in Scope)
OPERATOR = Policy(Scope.READ, administrator=True)
ADMINISTRATOR = Policy(Scope.ADMIN, administrator=True)

_TABLE: dict[Policy, str] = {
    PUBLIC: """
        GET  /health
        POST /app/v1/login
        POST /app/v1/setup
    """,
    READ: """
        GET  /stats
        GET  /history
        GET  /app/v1/session
        GET  /app/v1/account
        GET  /app/v1/conversations
        GET  /app/v1/conversations/{conversation_id}
        GET  /app/v1/conversations/{conversation_id}/window
        GET  /app/v1/turns/{turn_id}
        GET  /app/v1/turns/{turn_id}/versions
        GET  /app/v1/turns/{turn_id}/stream
        GET  /app/v1/stream
        GET  /app/v1/turns/{turn_id}/inspect
        GET  /app/v1/turns/{turn_id}/proof
        GET  /app/v1/folders
        GET  /app/v1/tags
        GET  /app/v1/search
        GET  /app/v1/models
        GET  /app/v1/models/{name}
        GET  /app/v1/models/{name}/export
        GET  /app/v1/trainings
        GET  /app/v1/forget
        GET  /app/v1/forget/{forgetting_id}
        GET  /app/v1/learning
        GET  /app/v1/learning/rules
        GET  /app/v1/learning/thresholds
        GET  /app/v1/learning/lessons
        GET  /app/v1/learning/lessons/{number}
        GET  /app/v1/dreams
        GET  /app/v1/notes
        GET  /app/v1/notes/{note_id}
        GET  /app/v1/roles
        GET  /app/v1/memory
        GET  /app/v1/voice
        GET  /app/v1/documents
        GET  /app/v1/documents/{document_id}
        GET  /app/v1/documents/{document_id}/pages/{number}
        GET  /app/v1/conversations/{conversation_id}/documents
        GET  /app/v1/folders/{folder_id}/documents
        GET  /app/v1/providers
        GET  /app/v1/export
        GET  /app/v1/export/notes
        GET  /v1/models
        GET  /v1/models/{name:path}
        GET  /api/version
        GET  /api/tags
        GET  /api/ps
        POST /api/show
        POST /app/v1/learning/redact
        POST /app/v1/logout
    """,
    CHAT: """
        POST   /chat
        POST   /generate
        POST   /app/v1/conversations
        PATCH  /app/v1/conversations/{conversation_id}
        DELETE /app/v1/conversations/{conversation_id}
        POST   /app/v1/conversations/{conversation_id}/restore
        POST   /app/v1/conversations/{conversation_id}/keep
        POST   /app/v1/conversations/{conversation_id}/branch
        POST   /app/v1/conversations/{conversation_id}/turns
        PATCH  /app/v1/turns/{turn_id}
        POST   /app/v1/turns/{turn_id}/edit
        POST   /app/v1/turns/{turn_id}/regenerate
        POST   /app/v1/turns/{turn_id}/continue
        POST   /app/v1/turns/{turn_id}/stop
        POST   /app/v1/turns/{turn_id}/inspect/again
        POST   /app/v1/inspect
        POST   /app/v1/folders
        PATCH  /app/v1/folders/{folder_id}
        DELETE /app/v1/folders/{folder_id}
        PUT    /app/v1/documents
        POST   /app/v1/documents/ask
        POST   /app/v1/documents/{document_id}/summarize
        DELETE /app/v1/documents/{document_id}
        PUT    /app/v1/conversations/{conversation_id}/documents/{document_id}
        DELETE /app/v1/conversations/{conversation_id}/documents/{document_id}
        PUT    /app/v1/folders/{folder_id}/documents/{document_id}
        DELETE /app/v1/folders/{folder_id}/documents/{document_id}
        POST   /app/v1/dreams
        PATCH  /app/v1/dreams/{dream_id}
        DELETE /app/v1/dreams/{dream_id}
        POST   /app/v1/notes
        POST   /app/v1/notes/suggest
        PUT    /app/v1/notes/{note_id}
        DELETE /app/v1/notes/{note_id}
        PATCH  /app/v1/memory/{memory_id}
        DELETE /app/v1/memory/{memory_id}
        POST   /app/v1/import
        POST   /v1/chat/completions
        POST   /v1/completions
        POST   /api/chat
        POST   /api/generate
    """,
    LEARN: """
        POST  /save
        POST  /app/v1/documents/{document_id}/learn
        POST  /app/v1/notes/{note_id}/learn
        DELETE /app/v1/notes/{note_id}/learn
        POST  /app/v1/forget
        PATCH /app/v1/learning
        PATCH /app/v1/learning/rules
        PATCH /app/v1/learning/thresholds
        POST  /app/v1/models
        DELETE /app/v1/models/{name}
        POST  /app/v1/trainings
        POST  /app/v1/trainings/{training_id}/pause
        POST  /app/v1/trainings/{training_id}/continue
        DELETE /app/v1/trainings/{training_id}
        POST  /app/v1/models/{name}/pin
        POST  /app/v1/models/{name}/promote
        POST  /app/v1/models/{name}/rebuild
        POST  /app/v1/models/{name}/quantise
        PATCH /app/v1/roles/{role}
    """,
    ADMIN: """
        PATCH  /app/v1/account
        GET    /app/v1/sessions
        DELETE /app/v1/sessions/{session_id}
        GET    /app/v1/keys
        POST   /app/v1/keys
        DELETE /app/v1/keys/{key_id}
    """,
    OPERATOR: """
        GET   /metrics
        GET   /app/v1/storage
    """,
    ADMINISTRATOR: """
        GET    /app/v1/export/profile
        PUT    /app/v1/voice
        POST   /app/v1/providers
        DELETE /app/v1/providers/{name}
        POST   /app/v1/providers/{name}/check
        POST   /app/v1/storage/free
        GET   /app/v1/accounts
        POST  /app/v1/accounts
        PATCH /app/v1/accounts/{account_id}
        GET   /app/v1/audit
    """,
}

POLICIES: dict[tuple[str, str], Policy] = {
    (line.split()[0], line.split()[1]): policy
    for policy, lines in _TABLE.items()
    for line in lines.strip().splitlines()
}
"""The policy of every route, by method and path."""
