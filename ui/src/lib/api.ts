/**
 * The server as the page sees it: its values and its routes, written once.
 *
 * The contract is docs/reference/api.md. Two things can go wrong and they are told apart, because
 * the page answers them differently: the server said no (`ApiError`: show its words), or it could
 * not be reached (`Unreachable`: keep what was typed and try again).
 */

export type Role = 'user' | 'assistant';
export type Status = 'streaming' | 'complete' | 'stopped' | 'interrupted' | 'error';
export type Origin = 'generated' | 'computed' | 'remembered' | 'quoted' | 'declined';
/** What became of a user's turn: the mark beside it. */
export type Mark = 'queued' | 'learned' | 'off' | 'refused' | 'none';

export interface Conversation {
  id: string;
  title: string;
  created_at: string;
  updated_at: string;
  model: string;
  learn: boolean;
  draft: string;
  turn_count: number;
  deleted: boolean;
}

/** What of a conversation fitted the model when it answered, in tokens. */
export interface Window {
  tokens: number;
  budget: number;
  dropped_turns: number;
  dropped_tokens: number;
}

export interface Turn {
  id: string;
  conversation_id: string;
  parent_id: string | null;
  role: Role;
  text: string;
  status: Status;
  created_at: string;
  finished_at: string | null;
  learn: boolean;
  learning: Mark;
  lesson: number | null;
  model: string | null;
  checkpoint: string | null;
  origin: Origin | null;
  window: Window | null;
  error: string | null;
}

export interface Model {
  name: string;
  engine: string;
  learns: boolean;
  parameters: number;
  vocabulary_size: number;
  window: number;
  live: string;
  starter: string;
  checkpoints: number;
}

export interface Checkpoint {
  digest: string;
  parent: string | null;
  lesson: number | null;
  created_at: string;
  size_bytes: number;
  live: boolean;
  available: boolean;
}

export interface Lesson {
  number: number;
  kind: 'exchanges' | 'practice';
  state: 'training' | 'kept' | 'refused' | 'failed';
  started_at: string;
  finished_at: string | null;
  sources: number;
  steps: number | null;
  tokens: number | null;
  cpu_seconds: number | null;
  loss_before: number | null;
  loss_after: number | null;
  bits_before: number | null;
  bits_after: number | null;
  general_percent: number | null;
  checkpoint: string | null;
  parent: string | null;
  verdict: string | null;
}

/** One exchange a lesson was made of; its text is null once its conversation is gone. */
export interface Source {
  turn_id: string | null;
  conversation_id: string | null;
  text: string | null;
  sha256: string;
}

/** What the learner does at this moment. */
export interface Now {
  lesson: number | null;
  kind: 'exchanges' | 'practice' | null;
  sources: number | null;
  step: number | null;
  steps: number | null;
  loss: number | null;
  seconds_left: number | null;
  /** reading, training, judging, saving or rebuilding. */
  doing: string;
}

export interface Learning {
  status: 'active' | 'idle';
  learner: 'alive' | 'absent';
  paused: boolean;
  cpu_share: number;
  model: string;
  engine: string;
  checkpoint: string;
  iterations: number;
  loss: number | null;
  vocabulary_size: number;
  conversations_learned: number;
  queue_size: number;
  now: Now | null;
  bits_at_start: number | null;
  bits_now: number | null;
  general_percent: number | null;
  general_limit_percent: number;
  /** Iteration and loss. */
  loss_curve: [number, number][];
  /** Lesson, bits per byte of its own text before it and after it; kept lessons only. */
  bits_curve: [number, number, number][];
  lessons: Lesson[];
  autosaved_at: string | null;
}

export interface Session {
  user: string;
  version: string;
  default_model: string;
  models: Model[];
  sampling: { temperature: number };
  limits: { text_characters: number };
}

export interface Hit {
  turn_id: string;
  conversation_id: string;
  title: string;
  role: Role;
  /** The words around the hit; true marks the words that were searched. */
  snippet: [string, boolean][];
  created_at: string;
}

export interface Health {
  status: 'ok' | 'degraded';
  version: string;
  model: string;
  checkpoint: string;
  learner: string;
  store: string;
  free_bytes: number;
}

/** Where a page of a list ends; given back to get the next one. */
export type Cursor = string | number;

export interface NewTurn {
  text: string;
  parent_id: string | null;
  model?: string;
  temperature?: number;
}

/** The server refused; `message` is in its words and fit to be shown. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly type: string,
    message: string,
    readonly field: string | null = null,
    readonly retryAfterS: number | null = null,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

/** The server could not be reached, or what answered was not the server. */
export class Unreachable extends Error {
  constructor(cause?: unknown) {
    super('The server does not answer.', { cause });
    this.name = 'Unreachable';
  }
}

type Json = Record<string, unknown>;
type Query = Record<string, string | number | null | undefined>;

/** How long an ordinary request may take before the server counts as unreachable. */
const patienceMs = 15_000;

/** Calls the routes of docs/reference/api.md, and says after each whether the server was there. */
export class Api {
  /** Called after every request: true when the server answered, false when nobody did. */
  heard: (reached: boolean) => void = () => {};

  constructor(
    private readonly fetch: typeof globalThis.fetch = (...call) => globalThis.fetch(...call),
  ) {}

  session = () => this.get<Session>('/app/v1/session');
  health = () => this.get<Health>('/health');

  conversations = (before: Cursor | null = null, limit = 50) =>
    this.get<{ conversations: Conversation[]; next: Cursor | null }>('/app/v1/conversations', {
      limit,
      before,
    });
  conversation = (id: string) =>
    this.get<{ conversation: Conversation; turns: Turn[] }>(path('conversations', id));
  createConversation = (of: { model?: string; learn?: boolean }) =>
    this.send<Conversation>('POST', '/app/v1/conversations', of);
  changeConversation = (
    id: string,
    to: Partial<Pick<Conversation, 'title' | 'learn' | 'draft' | 'model'>>,
  ) => this.send<Conversation>('PATCH', path('conversations', id), to);
  deleteConversation = (id: string) => this.send<null>('DELETE', path('conversations', id));
  restoreConversation = (id: string) =>
    this.send<Conversation>('POST', path('conversations', id, 'restore'));
  search = (q: string, limit = 20) => this.get<{ hits: Hit[] }>('/app/v1/search', { q, limit });

  /** The same `key` always returns the same two turns, however often it is sent. */
  addTurn = (conversation: string, turn: NewTurn, key: string) =>
    this.send<{ user: Turn; answer: Turn }>(
      'POST',
      path('conversations', conversation, 'turns'),
      turn,
      {
        'Idempotency-Key': key,
      },
    );
  /** Another answer beside this one, by the model whatever the router thinks of the request. */
  answerAnyway = (id: string, last: string | null) =>
    this.send<{ user: Turn; answer: Turn }>('POST', path('turns', id, 'regenerate'), {
      anyway: true,
      last_turn_id: last,
    });
  setTurnLearning = (id: string, learn: boolean) =>
    this.send<Turn>('PATCH', path('turns', id), { learn });
  stopTurn = (id: string) => this.send<Turn>('POST', path('turns', id, 'stop'));

  /** An answer's events after the first `after` characters; the caller reads the body. */
  openStream = async (id: string, after: number, signal: AbortSignal): Promise<Response> =>
    this.request(path('turns', id, 'stream') + query({ after }), {
      headers: { accept: 'text/event-stream' },
      signal,
    });

  models = () => this.get<{ models: Model[] }>('/app/v1/models');
  model = (name: string) =>
    this.get<{ model: Model; checkpoints: Checkpoint[] }>(path('models', name));
  promote = (name: string, checkpoint: string) =>
    this.send<Model>('POST', path('models', name, 'promote'), { checkpoint });
  rebuild = (name: string) => this.send<Learning>('POST', path('models', name, 'rebuild'));

  learning = () => this.get<Learning>('/app/v1/learning');
  setLearning = (to: { paused?: boolean; cpu_share?: number }) =>
    this.send<Learning>('PATCH', '/app/v1/learning', to);
  lessons = (before: number | null = null, limit = 50) =>
    this.get<{ lessons: Lesson[]; next: number | null }>('/app/v1/learning/lessons', {
      limit,
      before,
    });
  lesson = (number: number) =>
    this.get<{ lesson: Lesson; sources: Source[] }>(path('learning', 'lessons', String(number)));

  private async get<T>(url: string, of: Query = {}): Promise<T> {
    const response = await this.request(url + query(of), {
      signal: AbortSignal.timeout(patienceMs),
    });
    return (await this.body(response)) as T;
  }

  private async send<T>(
    method: string,
    url: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<T> {
    const response = await this.request(url, {
      method,
      signal: AbortSignal.timeout(patienceMs),
      headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    return (response.status === 204 ? null : await this.body(response)) as T;
  }

  private async request(url: string, init: RequestInit): Promise<Response> {
    let response: Response;
    try {
      response = await this.fetch(url, init);
    } catch (error) {
      if (isAbort(error)) throw error;
      this.heard(false);
      throw new Unreachable(error);
    }
    if (response.ok) {
      this.heard(true);
      return response;
    }
    const refusal = await readRefusal(response);
    this.heard(refusal instanceof ApiError);
    throw refusal;
  }

  private async body(response: Response): Promise<unknown> {
    try {
      return await response.json();
    } catch (error) {
      this.heard(false);
      throw new Unreachable(error);
    }
  }
}

function path(...parts: string[]): string {
  return `/app/v1/${parts.map(encodeURIComponent).join('/')}`;
}

function query(of: Query): string {
  const given = Object.entries(of).filter(([, value]) => value !== null && value !== undefined);
  return given.length
    ? `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()}`
    : '';
}

/** A timeout is the server's silence; an abort is the page's own wish. */
function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

/** The server's refusal, or `Unreachable` when a proxy in between answered for it. */
async function readRefusal(response: Response): Promise<ApiError | Unreachable> {
  try {
    const { error } = (await response.json()) as { error: Json };
    const wait = Number(response.headers.get('retry-after') ?? NaN);
    return new ApiError(
      response.status,
      String(error.type),
      String(error.message),
      typeof error.field === 'string' ? error.field : null,
      Number.isFinite(wait) ? wait : null,
    );
  } catch (error) {
    return new Unreachable(error);
  }
}
