import { beforeEach, expect, test, vi } from 'vitest';
import type { ApiError } from '../api';
import { Shelf } from '../shell/shelf';
import { aConversation, anAnswer, aTurn, refusal, settle, Wire } from '../wire.testing';
import { Outbox, type Outgoing } from './outbox.svelte';

const words = {
  conversation: 'c1',
  text: 'Hello',
  parent: null,
  model: null,
  temperature: null,
  begin: {},
};
const route = 'POST /app/v1/conversations/c1/turns';

/** A server that stores each key once, as the contract says, and the outbox that writes to it. */
function setUp(answer?: () => unknown) {
  const stored = new Map<string, unknown>();
  const wire = new Wire({
    'POST /app/v1/conversations': aConversation(),
    [route]: ({ headers, body }: { headers: Headers; body: unknown }) => {
      const refused = answer?.();
      if (refused) return refused;
      stored.set(headers.get('idempotency-key') ?? '', body);
      return { user: aTurn(), answer: anAnswer({ status: 'streaming' }) };
    },
  });
  const events = {
    began: vi.fn(),
    accepted: vi.fn(),
    refused: vi.fn<(outgoing: Outgoing, error: ApiError) => void>(),
  };
  return { wire, stored, events, outbox: new Outbox(wire.api, new Shelf(), events) };
}

beforeEach(() => localStorage.clear());

test('a turn leaves the outbox when the server has it', async () => {
  const { outbox, events, stored } = setUp();
  await outbox.add({ ...words, temperature: 0.5 });
  expect(outbox.items).toEqual([]);
  expect(events.accepted).toHaveBeenCalledOnce();
  expect([...stored.values()]).toEqual([{ text: 'Hello', parent_id: null, temperature: 0.5 }]);
});

test('a turn written while nobody answers waits, and goes out once when the server is back', async () => {
  const { outbox, wire, stored } = setUp();
  wire.cut = true;
  await outbox.add(words);
  expect(outbox.of('c1')?.text).toBe('Hello');
  wire.cut = false;
  await Promise.all([outbox.flush(), outbox.flush()]);
  expect(outbox.items).toEqual([]);
  expect(stored.size).toBe(1);
  expect(wire.count(route)).toBe(2); // the one nobody heard, and one
});

test('a turn survives a reload on its way, with the key it always had', async () => {
  const first = setUp();
  first.wire.cut = true;
  await first.outbox.add(words);
  const key = first.outbox.items[0]?.key;
  const second = setUp();
  expect(second.outbox.of('c1')?.text).toBe('Hello');
  await second.outbox.flush();
  expect([...second.stored.keys()]).toEqual([key]);
  expect(new Outbox(second.wire.api, new Shelf(), second.events).items).toEqual([]);
});

test('two tabs keep their turns apart', async () => {
  const one = setUp();
  const two = setUp();
  one.wire.cut = two.wire.cut = true;
  await one.outbox.add(words);
  await two.outbox.add({ ...words, text: 'Other' });
  expect(
    setUp()
      .outbox.items.map(({ text }) => text)
      .sort(),
  ).toEqual(['Hello', 'Other']);
});

test('the first turn of a conversation creates it, once, even when the turn must wait', async () => {
  let busy = true;
  const { outbox, wire, events } = setUp(() =>
    busy ? refusal(503, 'busy', 'Later.', 60) : undefined,
  );
  await outbox.add({ ...words, conversation: null, model: 'le', begin: { learn: false } });
  expect(events.began).toHaveBeenCalledOnce();
  expect(outbox.of('c1')?.text).toBe('Hello');
  busy = false;
  await outbox.flush();
  expect(wire.count('POST /app/v1/conversations')).toBe(1);
  expect(events.accepted).toHaveBeenCalledOnce();
});

test('a busy server is asked again when it said so', async () => {
  vi.useFakeTimers();
  let busy = true;
  const { outbox, events } = setUp(() => (busy ? refusal(503, 'busy', 'Later.', 3) : undefined));
  await outbox.add(words);
  busy = false;
  await vi.advanceTimersByTimeAsync(2999);
  expect(events.accepted).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  await settle();
  expect(events.accepted).toHaveBeenCalledOnce();
  vi.useRealTimers();
});

test.each([
  [409, 'conflict'],
  [507, 'storage_full'],
  [400, 'invalid_input'],
])('words the server will not take (%i) are given back with the reason', async (status, type) => {
  const { outbox, events } = setUp(() => refusal(status, type, 'Because.'));
  await outbox.add(words);
  expect(outbox.items).toEqual([]);
  const [outgoing, error] = events.refused.mock.calls[0] ?? [];
  expect(outgoing?.text).toBe('Hello');
  expect(error).toMatchObject({ type, message: 'Because.' });
});

test('a turn of a temporary conversation is on no disk, and is sent all the same', async () => {
  const { outbox, wire, events } = setUp();
  wire.cut = true;
  await outbox.add({ ...words, begin: { temporary: true } });
  expect(Object.keys({ ...localStorage })).toEqual([]);
  wire.cut = false;
  await outbox.flush();
  expect(events.accepted).toHaveBeenCalledOnce();
});
