import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Note } from '../api';
import { Connection } from '../shell/connection.svelte';
import { Shelf } from '../shell/shelf';
import { Tabs } from '../shell/tabs';
import { refusal, Wire } from '../wire.testing';
import { Ghost, lastOf } from './ghost.svelte';
import { Notebook } from './notebook.svelte';

const note = (of: Partial<Note>): Note => ({
  id: 'a',
  title: '',
  excerpt: '',
  learned: 'no',
  learned_at: null,
  waiting: 0,
  lesson: null,
  conversation_id: null,
  saved: null,
  starter_saved: null,
  created_at: '2026-11-21T12:00:00Z',
  changed_at: '2026-11-21T12:00:00Z',
  text: '',
  revision: 1,
  ...of,
});

beforeEach(() => localStorage.clear());

function open(wire: Wire): Notebook {
  const connection = new Connection(() => wire.api.session());
  return new Notebook(wire.api, new Shelf(), new Tabs(), connection, 0);
}

interface Written {
  text: string;
  revision: number;
}

/** A server that keeps one page, whatever its id, as the real one does. */
function keeping(wire: Wire, id: string): Written[] {
  const saved: Written[] = [];
  let stands: Note | null = null;
  wire.routes[`PUT /app/v1/notes/${id}`] = ({ body }: { body: Written }) => {
    saved.push(body);
    const revision: number = stands?.revision ?? 0;
    const goesOn = stands?.text && body.text.startsWith(stands.text);
    if (stands && body.revision !== revision && !goesOn)
      return refusal(409, 'conflict', 'Changed elsewhere.');
    return (stands = note({ id, text: body.text, revision: revision + 1 }));
  };
  wire.routes[`GET /app/v1/notes/${id}`] = () => stands ?? refusal(404, 'not_found', 'None.');
  return saved;
}

describe('a page of the notebook', () => {
  test('has its id from its first letter on, before it is saved', async () => {
    const wire = new Wire();
    let saved: Written[] = [];
    const notebook = open(wire);
    const began: string[] = [];
    notebook.began = (id) => {
      began.push(id);
      saved = keeping(wire, id);
    };
    await notebook.open(null);
    notebook.write('Rain');
    expect(began[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(notebook.has(began[0] ?? '')).toBe(true);
    expect(await notebook.settled()).toBe(true);
    notebook.write('Rain till four');
    expect(await notebook.settled()).toBe(true);
    expect(saved).toEqual([
      { text: 'Rain', revision: 0 },
      { text: 'Rain till four', revision: 1 },
    ]);
    expect(began).toHaveLength(1);
    expect(notebook.saving).toBe('saved');
    expect(notebook.items.map(({ id }) => id)).toEqual(began);
    expect(localStorage).toHaveLength(0);
  });

  test('is one page, though the answer to its first save was lost with the tab', async () => {
    const wire = new Wire();
    let id = '';
    const before = open(wire);
    before.began = (begun) => (id = begun);
    before.write('Rain');
    wire.cut = true; // it is kept here; what arrived at the server is told below
    await before.settled();
    wire.cut = false;
    const saved = keeping(wire, id);
    await wire.api.writeNote(id, 'Rain', 0);
    const after = open(wire);
    after.began = () => expect.unreachable();
    await after.open(id);
    after.write('Rain till four');
    expect(await after.settled()).toBe(true);
    expect(after.saving).toBe('saved');
    expect(saved.at(-1)?.text).toBe('Rain till four');
    expect(after.items.map((one) => one.id)).toEqual([id]);
  });

  test('that was left unsaved is sent when the server is back', async () => {
    const wire = new Wire({ 'GET /app/v1/notes': { notes: [], next: null } });
    let id = '';
    const before = open(wire);
    before.began = (begun) => (id = begun);
    wire.cut = true;
    before.write('Rain');
    await before.settled();
    await before.open(null);
    wire.cut = false;
    const saved = keeping(wire, id);
    const after = open(wire);
    await after.load();
    expect(saved).toEqual([{ text: 'Rain', revision: 0 }]);
    expect(after.items.map((one) => one.id)).toEqual([id]);
    await after.load();
    expect(saved).toHaveLength(1);
  });

  test('keeps its words through a reload while the server is away', async () => {
    const wire = new Wire({
      'GET /app/v1/notes/a': note({ text: 'Rain' }),
      'PUT /app/v1/notes/a': note({ text: 'Rain till four', revision: 2 }),
    });
    const before = open(wire);
    await before.open('a');
    wire.cut = true;
    before.write('Rain till four');
    expect(await before.settled()).toBe(false);
    expect(before.saving).toBe('kept');
    wire.cut = false;
    const after = open(wire);
    await after.open('a');
    expect(after.text).toBe('Rain till four');
    expect(await after.settled()).toBe(true);
    expect(after.saving).toBe('saved');
  });

  test('is not saved before it is opened', async () => {
    const wire = new Wire();
    let id = '';
    wire.cut = true;
    const before = open(wire);
    before.began = (begun) => (id = begun);
    before.write('Rain');
    await before.settled();
    wire.cut = false;
    keeping(wire, id);
    const after = open(wire);
    after.flush();
    await after.open(id);
    expect(after.text).toBe('Rain');
    expect(await after.settled()).toBe(true);
    expect(after.text).toBe('Rain');
  });

  test('that the server had no time for is sent again by itself', async () => {
    vi.useFakeTimers();
    try {
      const wire = new Wire({
        'GET /app/v1/notes/a': note({ text: 'Rain' }),
        'PUT /app/v1/notes/a': refusal(503, 'busy', 'Busy.'),
      });
      const notebook = open(wire);
      await notebook.open('a');
      notebook.write('Rain till four');
      expect(await notebook.settled()).toBe(false);
      expect(notebook.saving).toBe('kept');
      wire.routes['PUT /app/v1/notes/a'] = note({ text: 'Rain till four', revision: 2 });
      await vi.advanceTimersByTimeAsync(10_000);
      expect(notebook.saving).toBe('saved');
    } finally {
      vi.useRealTimers();
    }
  });

  test('that was changed elsewhere waits until somebody chooses', async () => {
    const wire = new Wire({
      'GET /app/v1/notes/a': note({ text: 'Rain' }),
      'PUT /app/v1/notes/a': refusal(409, 'conflict', 'Changed elsewhere.'),
    });
    const notebook = open(wire);
    await notebook.open('a');
    notebook.write('Frost');
    await notebook.settled();
    expect(notebook.saving).toBe('conflict');
    expect(notebook.text).toBe('Frost');
    await notebook.takeTheirs();
    expect(notebook.text).toBe('Rain');
    expect(notebook.saving).toBe('saved');
  });

  test('that is gone says so', async () => {
    const wire = new Wire({ 'GET /app/v1/notes/a': refusal(404, 'not_found', 'No such note.') });
    const notebook = open(wire);
    await notebook.open('a');
    expect(notebook.shown).toBe('missing');
  });
});

describe('ghost text', () => {
  const words = [' wrote', ' to', ' my', ' sister'];
  const answering = (asked: string[] = []) =>
    new Ghost(
      new Wire({
        'POST /app/v1/notes/suggest': ({ body }: { body: { before: string } }) => {
          asked.push(body.before);
          return { words, model: 'le', checkpoint: 'c' };
        },
      }).api,
    );

  test('is taken word by word or as a whole, and counts what it spared', async () => {
    const ghost = answering();
    await ghost.ask('and');
    expect(ghost.take(false)).toBe(' wrote');
    expect(ghost.words).toEqual([' to', ' my', ' sister']);
    expect(ghost.take(true)).toBe(' to my sister');
    expect(ghost.words).toEqual([]);
    expect(ghost.taken).toEqual({ words: 4, keys: 17 });
  });

  test('shrinks while it is typed and goes when something else is', async () => {
    const ghost = answering();
    await ghost.ask('and');
    const typed = ghost.ask('and wr');
    expect(ghost.words).toEqual(['ote', ' to', ' my', ' sister']);
    await typed;
    const other = ghost.ask('and wrx');
    expect(ghost.words).toEqual([]);
    await other;
  });

  test('that was hidden does not come back by itself', async () => {
    const ghost = answering();
    const asking = ghost.ask('and');
    ghost.hide();
    await asking;
    expect(ghost.words).toEqual([]);
  });

  test('asks for the newest text only', async () => {
    const asked: string[] = [];
    const ghost = answering(asked);
    await Promise.all([ghost.ask('a'), ghost.ask('an'), ghost.ask('and')]);
    expect(asked).toEqual(['a', 'and']);
  });

  test('is silent when the server is away', async () => {
    const wire = new Wire({ 'POST /app/v1/notes/suggest': { words } });
    wire.cut = true;
    const ghost = new Ghost(wire.api);
    await ghost.ask('and');
    expect(ghost.words).toEqual([]);
  });

  test('reads a bounded end of a text that begins where it did a letter ago', () => {
    expect(lastOf('short')).toBe('short');
    const long = 'x'.repeat(10_500);
    expect(lastOf(long).length).toBeLessThanOrEqual(4000);
    expect(lastOf(`${long}y`)).toBe(`${lastOf(long)}y`);
    expect(lastOf(`${long}\nshort`)).toBe(`${'x'.repeat(100)}\nshort`);
  });
});
