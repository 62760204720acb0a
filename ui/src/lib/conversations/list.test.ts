import { expect, test, vi } from 'vitest';
import type { Conversation } from '../api';
import { asked } from '../shell/frame';
import { Tabs } from '../shell/tabs';
import { aConversation, nextTask, Wire } from '../wire.testing';
import { byDay } from './groups';
import { ConversationList } from './list.svelte';
import { Search } from './search.svelte';

const route = 'GET /app/v1/conversations';
const on = (day: number, of: Partial<Conversation> = {}) =>
  aConversation({
    id: `c${day}`,
    updated_at: `2026-01-${String(day).padStart(2, '0')}T10:00:00Z`,
    ...of,
  });

const setUp = (routes: Record<string, unknown>) => {
  const wire = new Wire({
    'GET /app/v1/folders': { folders: [] },
    'GET /app/v1/tags': { tags: [] },
    ...routes,
  });
  return { wire, list: new ConversationList(wire.api, new Tabs()) };
};
const ids = (list: ConversationList) => list.items.map(({ id }) => id);

test('older pages are added below and stay when the newest are fetched again', async () => {
  let newest = [on(9), on(8)];
  const { list } = setUp({
    [route]: ({ url }: { url: URL }) =>
      url.searchParams.has('before')
        ? { conversations: [on(7), on(6)], next: null }
        : { conversations: newest, next: 'older' },
  });
  await list.load();
  expect(list.more).toBe(true);
  await list.loadMore();
  expect(ids(list)).toEqual(['c9', 'c8', 'c7', 'c6']);
  expect(list.more).toBe(false);
  newest = [on(10), on(8)]; // 9 was deleted elsewhere
  await list.load();
  expect(ids(list)).toEqual(['c10', 'c8', 'c7', 'c6']);
  expect(list.more).toBe(false);
});

test('whether there is any is known before the rest of the list', async () => {
  let resolve: (names: unknown) => void = () => {};
  const names = new Promise((done) => (resolve = done));
  const { list } = setUp({
    [route]: { conversations: [], next: null },
    'GET /app/v1/folders': () => names,
  });
  const loading = list.load();
  await vi.waitFor(() => expect(list.holdsAny).toBe(false));
  expect(list.state).toBe('loading');
  resolve({ folders: [] });
  await loading;
});

test('the archive says nothing of the rest', async () => {
  const { list } = setUp({ [route]: { conversations: [on(9)], next: null } });
  await list.narrow({ archived: true });
  expect(list.holdsAny).toBeNull();
});

test('the document asks for what the list asks first', async () => {
  const urls: string[] = [];
  const { list } = setUp({
    [route]: ({ url }: { url: URL }) => {
      urls.push(url.pathname + url.search);
      return { conversations: [], next: null };
    },
  });
  await list.load();
  expect(urls[0]).toBe(asked);
});

test('a conversation that goes on comes first', () => {
  const { list } = setUp({});
  list.items = [on(9), on(8)];
  list.take(on(8, { updated_at: '2026-01-20T10:00:00Z' }));
  expect(ids(list)).toEqual(['c8', 'c9']);
});

test('a deletion is undone where it was', async () => {
  const { list } = setUp({
    'DELETE /app/v1/conversations/c8': () => new Response(null, { status: 204 }),
    'POST /app/v1/conversations/c8/restore': on(8),
  });
  list.items = [on(9), on(8), on(7)];
  await list.remove(on(8));
  expect(ids(list)).toEqual(['c9', 'c7']);
  expect(list.deleted?.id).toBe('c8');
  await list.restore();
  expect(ids(list)).toEqual(['c9', 'c8', 'c7']);
  expect(list.deleted).toBeNull();
});

test('a deletion is offered to be undone for less than the 30 s the server keeps it', async () => {
  vi.useFakeTimers();
  const { list } = setUp({
    'DELETE /app/v1/conversations/c8': () => new Response(null, { status: 204 }),
  });
  await list.remove(on(8));
  await vi.advanceTimersByTimeAsync(30_000);
  expect(list.deleted).toBeNull();
  vi.useRealTimers();
});

test('a deletion the server refuses changes nothing', async () => {
  const { list } = setUp({});
  list.items = [on(8)];
  await expect(list.remove(on(8))).rejects.toThrow();
  expect(ids(list)).toEqual(['c8']);
  expect(list.deleted).toBeNull();
});

test('conversations stand under the day they last went on', () => {
  const at = (date: Date, id: string) => aConversation({ id, updated_at: date.toISOString() });
  const groups = byDay(
    [
      at(new Date(2026, 0, 20, 0, 0, 1), 'today'),
      at(new Date(2026, 0, 19, 23, 59), 'yesterday'),
      at(new Date(2026, 0, 18, 23, 59), 'earlier'),
    ],
    new Date(2026, 0, 20, 9),
  );
  expect(groups.map(({ name, items }) => [name, items[0]?.id])).toEqual([
    ['Today', 'today'],
    ['Yesterday', 'yesterday'],
    ['Earlier', 'earlier'],
  ]);
  expect(byDay([], new Date())).toEqual([]);
});

test('a slow answer to an older search does not replace the newer one', async () => {
  const hit = (q: string) => ({
    turn_id: q,
    conversation_id: 'c',
    title: q,
    role: 'user',
    snippet: [],
    created_at: '',
  });
  const release = new Map<string, () => void>();
  const wire = new Wire({
    'GET /app/v1/search': async ({ url }: { url: URL }) => {
      const q = url.searchParams.get('q') ?? '';
      await new Promise<void>((resolve) => release.set(q, resolve));
      return { hits: [hit(q)] };
    },
  });
  const search = new Search(wire.api, 0);
  search.type('pi');
  await vi.waitUntil(() => release.has('pi'), { interval: 1 });
  search.type('pim');
  await vi.waitUntil(() => release.has('pim'), { interval: 1 });
  release.get('pim')?.();
  await vi.waitUntil(() => search.state === 'done', { interval: 1 });
  release.get('pi')?.();
  await nextTask();
  expect(search.hits.map(({ title }) => title)).toEqual(['pim']);
});
