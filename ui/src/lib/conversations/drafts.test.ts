import { beforeEach, expect, test, vi } from 'vitest';
import { Shelf } from '../shell/shelf';
import { settle } from '../wire.testing';
import { Drafts } from './drafts.svelte';

const pause = 800;

/** A server that keeps drafts, and can be away. */
class DraftServer {
  away = false;
  readonly stored = new Map<string, string>();
  readonly save = async (conversation: string, text: string) => {
    await Promise.resolve();
    if (this.away) throw new TypeError('fetch failed');
    this.stored.set(conversation, text);
  };
}

beforeEach(() => {
  localStorage.clear();
  vi.useFakeTimers();
});

test('what is typed is on the server a moment later', async () => {
  const server = new DraftServer();
  const drafts = new Drafts(new Shelf(), server.save);
  drafts.open('c1');
  drafts.write('My cat is');
  await vi.advanceTimersByTimeAsync(pause - 1);
  expect(server.stored.get('c1')).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1);
  expect(server.stored.get('c1')).toBe('My cat is');
});

test('a draft survives a reload although the server never got it', () => {
  const server = new DraftServer();
  server.away = true;
  const before = new Drafts(new Shelf(), server.save);
  before.open('c1', 'old words');
  before.write('newer words');
  const after = new Drafts(new Shelf(), server.save);
  after.open('c1', 'old words');
  expect(after.text).toBe('newer words');
});

test('a draft of a conversation not begun survives a reload', () => {
  const before = new Drafts(new Shelf(), new DraftServer().save);
  before.open(null);
  before.write('Hello');
  const after = new Drafts(new Shelf(), new DraftServer().save);
  after.open(null);
  expect(after.text).toBe('Hello');
});

test('once the server has the words, its copy is the one that counts', async () => {
  const server = new DraftServer();
  const drafts = new Drafts(new Shelf(), server.save);
  drafts.open('c1');
  drafts.write('mine');
  await vi.advanceTimersByTimeAsync(pause);
  drafts.refresh('c1', 'from another tab');
  expect(drafts.text).toBe('from another tab');
});

test('words not yet saved are never overwritten by what the server had', () => {
  const drafts = new Drafts(new Shelf(), new DraftServer().save);
  drafts.open('c1');
  drafts.write('mine');
  drafts.refresh('c1', 'older');
  expect(drafts.text).toBe('mine');
});

test('a draft that could not be saved is saved when the server is back', async () => {
  const server = new DraftServer();
  server.away = true;
  const drafts = new Drafts(new Shelf(), server.save);
  drafts.open('c1');
  drafts.write('patience');
  await vi.advanceTimersByTimeAsync(pause);
  server.away = false;
  drafts.flush();
  await settle();
  expect(server.stored.get('c1')).toBe('patience');
});

test('typing on while a save is under way ends with the last words on the server', async () => {
  const landed: string[] = [];
  let release = () => {};
  const drafts = new Drafts(new Shelf(), async (_, text) => {
    await new Promise<void>((resolve) => (release = resolve));
    landed.push(text);
  });
  drafts.open('c1');
  drafts.write('a');
  drafts.flush();
  drafts.write('ab');
  drafts.flush();
  release();
  await settle();
  release();
  await settle();
  expect(landed).toEqual(['a', 'ab']);
});

test('going to another conversation leaves each its own draft', async () => {
  const server = new DraftServer();
  const drafts = new Drafts(new Shelf(), server.save);
  drafts.open('c1');
  drafts.write('one');
  drafts.open('c2', 'two');
  await settle();
  expect(drafts.text).toBe('two');
  expect(server.stored.get('c1')).toBe('one');
});

test('what is typed while the conversation is being created belongs to it', async () => {
  const server = new DraftServer();
  const drafts = new Drafts(new Shelf(), server.save);
  drafts.open(null);
  drafts.write('next words');
  drafts.adopt('c9');
  await vi.advanceTimersByTimeAsync(pause);
  expect(server.stored.get('c9')).toBe('next words');
  drafts.open(null);
  expect(drafts.text).toBe('');
});

test('words of a temporary conversation are on no disk', () => {
  const drafts = new Drafts(new Shelf(), new DraftServer().save);
  drafts.open(null);
  drafts.write('seen');
  drafts.setTemporary(null, true);
  drafts.write('a secret');
  drafts.adopt('c1');
  drafts.write('another secret');
  expect(JSON.stringify({ ...localStorage })).not.toMatch(/seen|secret/);
  expect(drafts.text).toBe('another secret');
});
