/**
 * A stand-in for the server while the page is worked on: docs/reference/api.md in memory, with a
 * model that repeats itself. It serves the built page under the same content security policy.
 *
 *     npm run build && node dev/stub.mjs 8000
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const web = fileURLToPath(new URL('../../src/l2c/web', import.meta.url));
const port = Number(process.argv[2] ?? 8000);
const empty = process.argv.includes('--empty');
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types svelte-trusted-html";

let clock = Date.now();
const stamp = (ago = 0) => new Date(Date.now() - ago).toISOString();
const id = () => (++clock).toString(36);
const conversations = new Map();
const turns = new Map();
const keys = new Map();
const lessons = [];
const digest = (n) => String(n).padStart(2, '0').repeat(32);

function addConversation(of = {}) {
  const made = {
    id: id(),
    title: '',
    created_at: stamp(),
    updated_at: stamp(),
    model: 'le',
    learn: true,
    draft: '',
    turn_count: 0,
    deleted: false,
    ...of,
  };
  conversations.set(made.id, made);
  return made;
}

function addTurn(conversation, role, text, of = {}) {
  const parent = turnsOf(conversation.id).at(-1);
  const answer =
    role === 'assistant'
      ? { model: conversation.model, checkpoint: digest(3), origin: 'generated' }
      : {};
  const turn = {
    id: id(),
    conversation_id: conversation.id,
    parent_id: parent?.id ?? null,
    role,
    text,
    status: 'complete',
    created_at: stamp(),
    finished_at: stamp(),
    learn: conversation.learn,
    learning: role === 'user' ? 'queued' : 'none',
    lesson: null,
    model: null,
    checkpoint: null,
    origin: null,
    window: null,
    error: null,
    ...answer,
    ...of,
  };
  turns.set(turn.id, turn);
  conversation.turn_count++;
  conversation.updated_at = stamp();
  if (!conversation.title && role === 'user') conversation.title = text.slice(0, 40);
  return turn;
}

const turnsOf = (conversation) =>
  [...turns.values()].filter((turn) => turn.conversation_id === conversation);

function seed() {
  const day = 86_400_000;
  for (const [title, ago] of [
    ['Days and months', 1],
    ['Opposites', 1],
    ['Names in my family', 3],
    ['A story with a red bird', 4],
    ['Words I mix up', 6],
  ]) {
    const made = addConversation({ title });
    addTurn(made, 'user', `About ${title.toLowerCase()}`);
    addTurn(made, 'assistant', 'I see.');
    made.updated_at = stamp(ago * day);
  }
  const pim = addConversation({ title: 'Pim and the broad beans' });
  const learned = { learning: 'learned', lesson: 3 };
  addTurn(pim, 'user', 'My cat is called Pim. She is nine and afraid of the vacuum.', learned);
  addTurn(pim, 'assistant', 'Pim is a nice name. I will keep that.');
  addTurn(pim, 'user', 'What is 17 times 24?', learned);
  addTurn(pim, 'assistant', '17 × 24 = 408', { origin: 'computed' });
  addTurn(pim, 'user', 'How old is my cat?', learned);
  addTurn(pim, 'assistant', 'Pim is nine.', { origin: 'remembered' });
  addTurn(pim, 'user', 'When do I sow the broad beans?');
  addTurn(
    pim,
    'assistant',
    '“Sow broad beans from **late February**, as soon as the soil can be worked.”\n\n- 5 cm deep\n- 20 cm apart\n\n```python\nprint("beans")\n```',
    { origin: 'quoted' },
  );
  addTurn(pim, 'user', 'Write an e-mail to my landlord about the heating.', {
    learning: 'off',
    learn: false,
  });
  addTurn(pim, 'assistant', 'I cannot write that well. A larger model can.', {
    origin: 'declined',
  });
  addTurn(pim, 'user', 'Are you there?', { learning: 'refused' });
  addTurn(pim, 'assistant', 'Yes, I am', {
    status: 'interrupted',
    window: { tokens: 418, budget: 512, dropped_turns: 4, dropped_tokens: 120 },
  });
  for (let n = 1; n <= 24; n++) judge(n, n === 18 ? 'refused' : 'kept');
}

function judge(number, state) {
  const after = 1.8 + 0.5 * Math.exp(-number / 8);
  lessons.unshift({
    number,
    kind: number % 7 ? 'exchanges' : 'practice',
    state,
    started_at: stamp(9000),
    finished_at: stamp(),
    sources: 2,
    steps: 120,
    tokens: 61440,
    cpu_seconds: 3.1,
    loss_before: 1.91,
    loss_after: 1.44,
    bits_before: after + 0.06,
    bits_after: after,
    general_percent: state === 'kept' ? Math.min(1.4, number / 12) : 3.9,
    checkpoint: state === 'kept' ? digest(number) : null,
    parent: digest(number - 1),
    verdict:
      state === 'kept'
        ? 'Kept. Your text got 2.1 % better, general text stayed the same.'
        : 'Refused. General text got 3.9 % worse; the limit is 3 %. le stayed as it was.',
  });
}

let paused = false;
let share = 1;
let lesson = null;

function learning() {
  const kept = lessons.filter(({ state }) => state === 'kept');
  const queue = [...turns.values()].filter((turn) => turn.learning === 'queued');
  return {
    status: lesson ? 'active' : 'idle',
    learner: 'alive',
    paused,
    cpu_share: share,
    model: 'le',
    engine: 'lstm',
    checkpoint: kept[0]?.checkpoint ?? digest(0),
    iterations: 1840 + lessons.length * 120,
    loss: 1.44,
    vocabulary_size: 96,
    conversations_learned: kept.length ? 3 : 0,
    queue_size: queue.length,
    now: lesson && {
      lesson: lessons.length + 1,
      kind: 'exchanges',
      sources: queue.length,
      step: lesson.step,
      steps: 120,
      loss: 1.5,
      seconds_left: Math.ceil((120 - lesson.step) / 12),
      doing: 'training',
    },
    bits_at_start: kept.length ? 2.36 : null,
    bits_now: kept[0]?.bits_after ?? null,
    general_percent: kept[0]?.general_percent ?? null,
    general_limit_percent: 3,
    loss_curve: Array.from({ length: 60 }, (_, i) => [
      i * 30,
      1.4 + 0.9 * Math.exp(-i / 15) + 0.03 * Math.sin(i * 2.1),
    ]),
    bits_curve: kept.map((one) => [one.number, one.bits_before, one.bits_after]).reverse(),
    lessons: lessons.slice(0, 20),
    autosaved_at: stamp(60_000),
  };
}

setInterval(() => {
  const queue = [...turns.values()].filter(
    (turn) =>
      turn.learning === 'queued' &&
      turnsOf(turn.conversation_id).some(
        (other) => other.parent_id === turn.id && other.status !== 'streaming',
      ),
  );
  if (paused) return;
  if (!lesson && queue.length) lesson = { step: 0 };
  else if (lesson && (lesson.step += 12) >= 120) {
    lesson = null;
    judge(lessons.length + 1, 'kept');
    for (const turn of queue) Object.assign(turn, { learning: 'learned', lesson: lessons.length });
  }
}, 1000);

const reply =
  'Pim sat at the window. It was raining. A red bird came to the tree, and Pim wanted to see the bird, but the door was shut. So she slept. 🐈 The end.';

function answer(turn, conversation) {
  const letters = Array.from(reply.repeat(1 + (turn.text.length % 2)));
  turn.status = 'streaming';
  turn.text = '';
  turn.finished_at = null;
  turn.window = {
    tokens: Math.min(500, 40 + turnsOf(conversation.id).length * 30),
    budget: 512,
    dropped_turns: 0,
    dropped_tokens: 0,
  };
  setTimeout(() => {
    const timer = setInterval(() => {
      if (turn.status === 'streaming') turn.text += letters.shift() ?? '';
      if (letters.length && turn.status === 'streaming') return;
      clearInterval(timer);
      if (turn.status === 'streaming') turn.status = 'complete';
      turn.finished_at = stamp();
    }, 25);
  }, 700);
}

function stream(turn, after, response) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  let sent = after;
  const timer = setInterval(() => {
    const letters = Array.from(turn.text);
    if (letters.length > sent) {
      const piece = letters.slice(sent).join('');
      sent = letters.length;
      response.write(`id: ${sent}\nevent: piece\ndata: ${JSON.stringify({ text: piece })}\n\n`);
    }
    if (turn.status === 'streaming') return;
    clearInterval(timer);
    response.end(`id: ${sent}\nevent: end\ndata: ${JSON.stringify({ turn })}\n\n`);
  }, 20);
  response.on('close', () => clearInterval(timer));
}

class Refusal extends Error {
  constructor(status, type, message) {
    super(message);
    Object.assign(this, { status, type });
  }
}
const found = (value) => {
  if (!value || value.deleted) throw new Refusal(404, 'not_found', 'There is nothing of that id.');
  return value;
};
const model = () => ({
  name: 'le',
  engine: 'lstm',
  learns: true,
  parameters: 367000,
  vocabulary_size: 96,
  window: 512,
  live: learning().checkpoint,
  starter: digest(0),
  checkpoints: lessons.length + 1,
});
const models = () =>
  process.argv.includes('--models')
    ? [
        model(),
        {
          ...model(),
          name: 'ollama/llama3:8b',
          engine: 'ollama',
          learns: false,
          parameters: 8e9,
          window: 8192,
        },
      ]
    : [model()];

const routes = {
  'GET session': () => ({
    user: 'local',
    version: '0.1.0',
    default_model: 'le',
    models: models(),
    sampling: { temperature: 0.8 },
    limits: { text_characters: 32768 },
  }),
  'GET conversations': () => ({
    conversations: [...conversations.values()]
      .filter((c) => !c.deleted)
      .sort((a, b) => (a.updated_at < b.updated_at ? 1 : -1)),
    next: null,
  }),
  'POST conversations': ({ body }) => [201, addConversation(body)],
  'GET conversations/:id': ({ of }) => ({
    conversation: found(conversations.get(of)),
    turns: turnsOf(of),
  }),
  'PATCH conversations/:id': ({ of, body }) => Object.assign(found(conversations.get(of)), body),
  'DELETE conversations/:id': ({ of }) => (
    (found(conversations.get(of)).deleted = true),
    [204, null]
  ),
  'POST conversations/:id/restore': ({ of }) =>
    Object.assign(conversations.get(of), { deleted: false }),
  'POST conversations/:id/turns': ({ of, body, key }) => {
    if (keys.has(key)) return [202, keys.get(key)];
    const conversation = found(conversations.get(of));
    if ((turnsOf(of).at(-1)?.id ?? null) !== (body.parent_id ?? null))
      throw new Refusal(409, 'conflict', 'The conversation has gone on elsewhere.');
    const made = {
      user: addTurn(conversation, 'user', body.text),
      answer: addTurn(conversation, 'assistant', ''),
    };
    answer(made.answer, conversation);
    keys.set(key, made);
    return [202, made];
  },
  'GET turns/:id': ({ of }) => found(turns.get(of)),
  'PATCH turns/:id': ({ of, body }) =>
    Object.assign(found(turns.get(of)), body, { learning: body.learn ? 'queued' : 'off' }),
  'POST turns/:id/stop': ({ of }) => Object.assign(found(turns.get(of)), { status: 'stopped' }),
  'GET search': ({ query }) => ({
    hits: [...turns.values()]
      .filter((turn) => turn.text.toLowerCase().includes(query.get('q').toLowerCase()))
      .map((turn) => {
        const at = turn.text.toLowerCase().indexOf(query.get('q').toLowerCase());
        const until = at + query.get('q').length;
        return {
          turn_id: turn.id,
          conversation_id: turn.conversation_id,
          title: conversations.get(turn.conversation_id).title,
          role: turn.role,
          created_at: turn.created_at,
          snippet: [
            [turn.text.slice(Math.max(0, at - 30), at), false],
            [turn.text.slice(at, until), true],
            [turn.text.slice(until, until + 40), false],
          ],
        };
      }),
  }),
  'GET models': () => ({ models: models() }),
  'GET models/:id': () => ({
    model: model(),
    checkpoints: [
      ...lessons.filter((l) => l.checkpoint),
      { number: null, checkpoint: digest(0), finished_at: stamp(9e8) },
    ].map((l) => ({
      digest: l.checkpoint,
      parent: null,
      lesson: l.number,
      created_at: l.finished_at,
      size_bytes: 1470000,
      live: l.checkpoint === model().live,
      available: true,
    })),
  }),
  'POST models/:id/promote': () => model(),
  'POST models/:id/rebuild': () => [202, learning()],
  'GET learning': learning,
  'PATCH learning': ({ body }) => {
    paused = body.paused ?? paused;
    share = body.cpu_share ?? share;
    return learning();
  },
  'GET learning/lessons': () => ({ lessons: lessons.slice(0, 50), next: null }),
  'GET learning/lessons/:id': ({ of }) => ({
    lesson: found(lessons.find(({ number }) => number === Number(of))),
    sources: [...turns.values()]
      .filter((t) => t.lesson === Number(of))
      .map((t) => ({
        turn_id: t.id,
        conversation_id: t.conversation_id,
        text: t.text,
        sha256: digest(7),
      })),
  }),
};

async function read(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text ? JSON.parse(text) : {};
}

async function api(request, response, url) {
  const parts = url.pathname.replace('/app/v1/', '').split('/');
  const listed = parts[0] === 'learning' ? 2 : 1;
  const of = decodeURIComponent(parts[listed] ?? '');
  if (parts[0] === 'turns' && parts[2] === 'stream')
    return stream(found(turns.get(of)), Number(url.searchParams.get('after') ?? 0), response);
  const route =
    routes[`${request.method} ${parts.map((part, i) => (i === listed ? ':id' : part)).join('/')}`];
  if (!route) throw new Refusal(404, 'not_found', `No route ${request.method} ${url.pathname}.`);
  const result = route({
    of,
    query: url.searchParams,
    body: await read(request),
    key: request.headers['idempotency-key'],
  });
  const [status, body] = Array.isArray(result) ? result : [200, result];
  response
    .writeHead(status, { 'content-type': 'application/json' })
    .end(body === null ? '' : JSON.stringify(body));
}

const types = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

async function file(response, path) {
  const name = path === '/' ? '/index.html' : normalize(path);
  const bytes = await readFile(join(web, name));
  response
    .writeHead(200, {
      'content-type': types[extname(name)] ?? 'application/octet-stream',
      'content-security-policy': policy,
    })
    .end(bytes);
}

if (!empty) seed();
createServer((request, response) => {
  const url = new URL(request.url, 'http://localhost');
  const health = {
    status: 'ok',
    version: '0.1.0',
    model: 'le',
    checkpoint: digest(0),
    learner: 'alive',
    store: 'sqlite',
    free_bytes: 38e9,
  };
  const done =
    url.pathname === '/health'
      ? Promise.resolve(
          response
            .writeHead(200, { 'content-type': 'application/json' })
            .end(JSON.stringify(health)),
        )
      : url.pathname.startsWith('/app/v1/')
        ? api(request, response, url)
        : file(response, url.pathname);
  done.catch((error) => {
    const { status = 404, type = 'not_found', message } = error;
    response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(JSON.stringify({ error: { type, message, field: null } }));
  });
}).listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}`));
