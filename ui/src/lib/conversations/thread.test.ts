import { beforeEach, expect, test, vi } from 'vitest';
import type { Turn } from '../api';
import { Announcer } from '../shell/announcer.svelte';
import { Tabs } from '../shell/tabs';
import { aConversation, anAnswer, aTurn, refusal, settle, streamOf, Wire } from '../wire.testing';
import { Thread } from './thread.svelte';

const text = 'Hello to you. I am le.';
const finished = anAnswer({ text });
const page = 'GET /app/v1/conversations/c1';
const stream = 'GET /app/v1/turns/a1/stream';

function setUp(routes: Record<string, unknown>) {
  const wire = new Wire(routes);
  const seen = vi.fn();
  const thread = new Thread({
    api: wire.api,
    tabs: new Tabs(),
    announcer: new Announcer(0),
    seen,
    closing: () => 'Answer finished.',
    patience: { wait: settle, silenceMs: 1000 },
    paint: (show) => show(),
  });
  return { wire, thread, seen };
}

/** Waits until the thread has what is asked for; fails by vitest's own limit when it never has. */
const until = (condition: () => boolean) => vi.waitUntil(condition, { interval: 1 });

beforeEach(() => vi.useRealTimers());

test('a conversation is opened with its turns', async () => {
  const { thread, seen } = setUp({
    [page]: { conversation: aConversation(), turns: [aTurn(), finished] },
  });
  await thread.open('c1');
  expect(thread.state).toBe('ready');
  expect(thread.turns.map(({ id }) => id)).toEqual(['t1', 'a1']);
  expect(seen).toHaveBeenCalledWith(aConversation());
});

test('a reload in mid-answer goes on from the letter it stood at', async () => {
  const half = anAnswer({ status: 'streaming', text: 'Hello to ' });
  const asked: string[] = [];
  let turns: Turn[] = [aTurn(), half];
  const { thread } = setUp({
    [page]: () => ({ conversation: aConversation(), turns }),
    [stream]: ({ url }: { url: URL }) => {
      asked.push(url.searchParams.get('after') ?? '');
      turns = [aTurn(), finished];
      return streamOf(text, 9, finished);
    },
  });
  await thread.open('c1');
  await until(() => thread.live === null && thread.turns[1]?.status === 'complete');
  expect(asked).toEqual(['9']);
  expect(thread.turns[1]?.text).toBe(text);
});

test('an answer interrupted by a lost connection is followed to its end without a letter twice', async () => {
  let attempts = 0;
  const shown: string[] = [];
  const { thread } = setUp({
    [page]: { conversation: aConversation(), turns: [aTurn(), finished] },
    [stream]: ({ url }: { url: URL }) => {
      const after = Number(url.searchParams.get('after'));
      if (++attempts === 1) return streamOf(text.slice(0, 6), after);
      shown.push(thread.live?.text ?? '');
      return streamOf(text, after, finished);
    },
  });
  thread.adopt(aConversation());
  thread.begin({ user: aTurn(), answer: anAnswer({ status: 'streaming', text: '' }) });
  await until(() => thread.live === null);
  expect(shown).toEqual(['Hello ']);
  expect(thread.turns[1]).toEqual(finished);
});

test('a turn that arrives twice is shown once', async () => {
  const { thread } = setUp({
    [page]: { conversation: aConversation(), turns: [aTurn(), finished] },
    [stream]: () => streamOf(text, 0, finished),
  });
  await thread.open('c1');
  thread.begin({ user: aTurn(), answer: finished });
  expect(thread.turns).toHaveLength(2);
});

test('what was declined is answered anyway, in its place', async () => {
  const declined = anAnswer({ text: 'I do not know that.', origin: 'declined' });
  const again = anAnswer({ id: 'a2', status: 'streaming', text: '' });
  const answered = anAnswer({ id: 'a2', text });
  const asked: unknown[] = [];
  let turns: Turn[] = [aTurn(), declined];
  const { thread } = setUp({
    [page]: () => ({ conversation: aConversation(), turns }),
    'POST /app/v1/turns/a1/regenerate': ({ body }: { body: unknown }) => {
      asked.push(body);
      return { user: aTurn(), answer: again };
    },
    'GET /app/v1/turns/a2/stream': () => {
      turns = [aTurn(), answered];
      return streamOf(text, 0, answered);
    },
  });
  await thread.open('c1');
  await thread.again(declined, { anyway: true });
  await until(() => thread.live === null && thread.turns[1]?.status === 'complete');
  expect(asked).toEqual([{ last_turn_id: 'a1', anyway: true }]);
  expect(thread.turns.map(({ id }) => id)).toEqual(['t1', 'a2']);
});

test('stopping keeps what the server says was written', async () => {
  const stopped = anAnswer({ status: 'stopped', text: 'Hello to' });
  const { thread } = setUp({
    [page]: { conversation: aConversation(), turns: [aTurn(), stopped] },
    [stream]: () => new Response(new ReadableStream()),
    'POST /app/v1/turns/a1/stop': stopped,
  });
  thread.adopt(aConversation());
  thread.begin({ user: aTurn(), answer: anAnswer({ status: 'streaming', text: '' }) });
  await thread.stop();
  expect(thread.turns[1]).toEqual(stopped);
});

test('opening another conversation drops what the former one still receives', async () => {
  let release = () => {};
  const { thread } = setUp({
    [page]: async () => {
      await new Promise<void>((resolve) => (release = resolve));
      return { conversation: aConversation(), turns: [aTurn()] };
    },
    'GET /app/v1/conversations/c2': { conversation: aConversation({ id: 'c2' }), turns: [] },
  });
  const slow = thread.open('c1');
  await settle();
  await thread.open('c2');
  release();
  await slow;
  expect(thread.conversation?.id).toBe('c2');
  expect(thread.turns).toEqual([]);
});

test('going to an empty conversation drops what the former one still receives', async () => {
  const { thread } = setUp({ [page]: { conversation: aConversation(), turns: [aTurn()] } });
  const slow = thread.open('c1');
  await thread.open(null);
  await slow;
  expect(thread.state).toBe('new');
  expect(thread.turns).toEqual([]);
});

test('a conversation that is gone says so', async () => {
  const { thread } = setUp({ [page]: () => refusal(404, 'not_found', 'Nothing of that id.') });
  await thread.open('c1');
  expect(thread.state).toBe('missing');
});

test('a conversation that cannot be loaded can be tried again', async () => {
  const { thread, wire } = setUp({ [page]: { conversation: aConversation(), turns: [] } });
  wire.cut = true;
  await thread.open('c1');
  expect(thread.state).toBe('failed');
  wire.cut = false;
  await thread.refresh();
  expect(thread.state).toBe('ready');
});

test('what stands there stays while the server is away', async () => {
  const { thread, wire } = setUp({ [page]: { conversation: aConversation(), turns: [aTurn()] } });
  await thread.open('c1');
  wire.cut = true;
  await thread.refresh();
  expect(thread.state).toBe('ready');
  expect(thread.turns).toHaveLength(1);
});

test('switching a turn off is told to the server and shown', async () => {
  const off = aTurn({ learn: false, learning: 'off' });
  const sent: unknown[] = [];
  const { thread } = setUp({
    [page]: { conversation: aConversation(), turns: [aTurn()] },
    'PATCH /app/v1/turns/t1': ({ body }: { body: unknown }) => {
      sent.push(body);
      return off;
    },
  });
  await thread.open('c1');
  await thread.change(aTurn(), { learn: false });
  expect(sent).toEqual([{ learn: false }]);
  expect(thread.turns).toEqual([off]);
});

test('another branch takes the place of what followed', async () => {
  const edited = aTurn({ id: 't2', text: 'Good morning', version: 2, versions: 2 });
  const answer = anAnswer({ id: 'a2', parent_id: 't2' });
  let turns: Turn[] = [aTurn(), finished];
  const { thread } = setUp({
    [page]: () => ({ conversation: aConversation(), turns }),
    'POST /app/v1/turns/t1/edit': ({ body }: { body: unknown }) => {
      expect(body).toEqual({ text: 'Good morning', last_turn_id: 'a1' });
      turns = [edited, answer];
      return { user: edited, answer };
    },
  });
  await thread.open('c1');
  await thread.edit(aTurn(), 'Good morning', {});
  expect(thread.turns.map(({ id }) => id)).toEqual(['t2', 'a2']);
});

test('leafing shows the version beside a turn, and nothing beyond the last', async () => {
  const other = anAnswer({ id: 'a2', version: 2, versions: 2 });
  const { thread } = setUp({
    [page]: { conversation: aConversation(), turns: [aTurn(), finished] },
    'GET /app/v1/turns/a1/versions': { turns: [finished, other] },
    'POST /app/v1/conversations/c1/branch': ({ body }: { body: unknown }) => {
      expect(body).toEqual({ turn_id: 'a2', last_turn_id: 'a1' });
      return { conversation: aConversation(), turns: [aTurn(), other] };
    },
  });
  await thread.open('c1');
  expect(await thread.leaf(finished, -1)).toBeNull();
  expect(await thread.leaf(finished, 1)).toBe('a2');
  expect(thread.turns.at(-1)).toEqual(other);
});

test('a branch that is looked at stays while the conversation is fetched again', async () => {
  const asked: (string | null)[] = [];
  const { thread } = setUp({
    [page]: ({ url }: { url: URL }) => {
      asked.push(url.searchParams.get('at'));
      return { conversation: aConversation({ active_turn_id: 'a9' }), turns: [aTurn(), finished] };
    },
  });
  await thread.open('c1', 't1');
  await thread.refresh();
  expect(asked).toEqual(['t1', 't1']);
  expect(thread.aside).toBe(true);
});
