/**
 * What tests put in place of the network: a server's answers by route, a switch that cuts the
 * wire, a record of what was asked, and whole values with the few fields a test cares about.
 */
import {
  Api,
  type Conversation,
  type Document,
  type Learning,
  type Lesson,
  type Turn,
} from './api';

type Answer = (call: { url: URL; body: unknown; headers: Headers }) => unknown;

export class Wire {
  /** Nobody answers while this is true. */
  cut = false;
  readonly asked: string[] = [];
  readonly api = new Api(
    (input, init) => this.#carry(input as string, init),
    (url, file, sent, signal) => {
      sent(1);
      return this.#carry(url, { method: 'PUT', body: file, signal });
    },
  );

  /** `routes` maps "GET /app/v1/session" to what the server answers, or to a function of the call. */
  constructor(readonly routes: Record<string, unknown> = {}) {}

  /** How often a route was asked. */
  count(route: string): number {
    return this.asked.filter((asked) => asked === route).length;
  }

  async #carry(path: string, init: RequestInit = {}): Promise<Response> {
    const url = new URL(path, 'http://127.0.0.1:8000');
    const route = `${init.method ?? 'GET'} ${url.pathname}`;
    this.asked.push(route);
    await Promise.resolve();
    if (this.cut) throw new TypeError('fetch failed');
    if (!(route in this.routes)) return refusal(404, 'not_found', `No route ${route}.`);
    const body: unknown = typeof init.body === 'string' ? JSON.parse(init.body) : undefined;
    const given = this.routes[route];
    const answer =
      typeof given === 'function'
        ? await (given as Answer)({ url, body, headers: new Headers(init.headers) })
        : given;
    return answer instanceof Response ? answer : Response.json(answer);
  }
}

/** The server's way to say no. */
export function refusal(
  status: number,
  type: string,
  message: string,
  retryAfterS?: number,
): Response {
  return Response.json(
    { error: { type, message } },
    { status, headers: retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) } },
  );
}

/** Lets everything that waits only for promises go on. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 30; i++) await Promise.resolve();
}

/** Lets everything that is under way, bodies of responses included, come to its end. */
export const nextTask = () => new Promise<void>((resolve) => setTimeout(resolve));

export const aConversation = (of: Partial<Conversation> = {}): Conversation => ({
  id: 'c1',
  title: 'Pim',
  titled: false,
  created_at: '2026-01-01T10:00:00Z',
  updated_at: '2026-01-01T10:00:00Z',
  model: 'le',
  learn: true,
  pinned: false,
  archived: false,
  temporary: false,
  folder_id: null,
  tags: [],
  system_prompt: '',
  sampling: null,
  draft: '',
  active_turn_id: null,
  turn_count: 2,
  deleted: false,
  ...of,
});

export const aTurn = (of: Partial<Turn> = {}): Turn => ({
  id: 't1',
  conversation_id: 'c1',
  parent_id: null,
  version: 1,
  versions: 1,
  made_from: null,
  role: 'user',
  text: 'Hello',
  status: 'complete',
  created_at: '2026-01-01T10:00:00Z',
  finished_at: '2026-01-01T10:00:01Z',
  learn: true,
  learning: 'queued',
  lesson: null,
  pinned: false,
  rating: null,
  model: null,
  checkpoint: null,
  origin: null,
  sampling: null,
  window: null,
  citations: null,
  remembered: null,
  error: null,
  ...of,
});

export const anAnswer = (of: Partial<Turn> = {}): Turn =>
  aTurn({
    id: 'a1',
    parent_id: 't1',
    role: 'assistant',
    text: 'Hello to you.',
    learning: 'none',
    model: 'le',
    origin: 'generated',
    ...of,
  });

export const aDocument = (of: Partial<Document> = {}): Document => ({
  id: 'd1',
  name: 'garden.pdf',
  kind: 'pdf',
  size_bytes: 48_211,
  sha256: 'ab',
  page_count: 3,
  characters: 2000,
  passages: 9,
  tables: 0,
  warnings: [],
  summary: [],
  abstract: null,
  learned_in: null,
  created_at: '2026-01-01T10:00:00Z',
  ...of,
});

export const aLesson = (of: Partial<Lesson> = {}): Lesson => ({
  number: 1,
  kind: 'exchanges',
  state: 'kept',
  started_at: '2026-01-01T10:00:00Z',
  finished_at: '2026-01-01T10:00:09Z',
  sources: 1,
  steps: 120,
  tokens: 6144,
  cpu_seconds: 3.1,
  loss_before: 1.9,
  loss_after: 1.4,
  bits_before: 2.3,
  bits_after: 2.1,
  counted_before: 2.4,
  counted_after: 1.4,
  general_percent: 0.4,
  checkpoint: 'k1',
  parent: 'k0',
  verdict: 'Kept. Your text got 9 % better, general text 0.4 % worse.',
  thresholds: {
    general: 0.03,
    general_night: 0.01,
    old_kept: 0.6,
    recalled: 0,
    recall_kept: 0.8,
    liked: 0.5,
  },
  ...of,
});

export const aLearning = (of: Partial<Learning> = {}): Learning => ({
  status: 'idle',
  learner: 'alive',
  paused: false,
  cpu_share: 1,
  model: 'le',
  engine: 'lstm',
  checkpoint: 'k0',
  iterations: 0,
  loss: null,
  vocabulary_size: 96,
  conversations_learned: 0,
  queue_size: 0,
  now: null,
  bits_at_start: null,
  bits_now: null,
  general_percent: null,
  general_limit_percent: 3,
  drift_percent: null,
  loss_curve: [],
  bits_curve: [],
  lessons: [],
  autosaved_at: null,
  ...of,
});

/** An event stream of an answer's text from `after`, letter by letter, and its end if it has one. */
export function streamOf(text: string, after = 0, end?: Turn): Response {
  const letters = Array.from(text);
  const events = letters
    .map((letter, i) => `id: ${i + 1}\nevent: piece\ndata: ${JSON.stringify({ text: letter })}\n\n`)
    .slice(after);
  if (end)
    events.push(`id: ${letters.length}\nevent: end\ndata: ${JSON.stringify({ turn: end })}\n\n`);
  return new Response(events.join(''));
}
