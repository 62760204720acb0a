import { describe, expect, test } from 'vitest';
import type { Dream } from '../api';
import { refusal, Wire } from '../wire.testing';
import { Dreams } from './dreams.svelte';

const dream = (of: Partial<Dream>): Dream => ({
  id: 'a',
  model: 'le',
  checkpoint: 'c'.repeat(64),
  seed: 1,
  temperature: 0.7,
  text: 'you: Hello',
  tokens: 3,
  entropy: 1,
  repetition: 0,
  kept: false,
  created_at: '2026-11-21T12:00:00Z',
  ...of,
});

describe('dreams', () => {
  test('come newest first, page by page, each once', async () => {
    const wire = new Wire({
      'GET /app/v1/dreams': ({ url }: { url: URL }) =>
        url.searchParams.get('before') === '2'
          ? { dreams: [dream({ id: 'b' }), dream({ id: 'c' })], next: null }
          : { dreams: [dream({ id: 'a' }), dream({ id: 'b' })], next: 2 },
    });
    const dreams = new Dreams(wire.api);
    await dreams.load();
    expect(dreams.more).toBe(true);
    await dreams.loadMore();
    expect(dreams.items.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(dreams.more).toBe(false);
  });

  test('that cannot be loaded say so and can be tried again', async () => {
    const wire = new Wire({ 'GET /app/v1/dreams': { dreams: [], next: null } });
    const dreams = new Dreams(wire.api);
    wire.cut = true;
    await expect(dreams.load()).rejects.toThrow();
    expect(dreams.state).toBe('failed');
    wire.cut = false;
    await dreams.load();
    expect(dreams.state).toBe('ready');
  });

  test('a new one stands first, a kept one is kept, a discarded one is gone', async () => {
    const wire = new Wire({
      'GET /app/v1/dreams': { dreams: [dream({ id: 'old' })], next: null },
      'POST /app/v1/dreams': { dreams: [dream({ id: 'new' })], next: null },
      'PATCH /app/v1/dreams/new': dream({ id: 'new', kept: true }),
      'DELETE /app/v1/dreams/old': new Response(null, { status: 204 }),
    });
    const dreams = new Dreams(wire.api);
    await dreams.load();
    await dreams.dream(null);
    expect(dreams.items.map(({ id }) => id)).toEqual(['new', 'old']);
    await dreams.keep(dreams.items[0]!, true);
    await dreams.discard(dreams.items[1]!);
    expect(dreams.items).toEqual([dream({ id: 'new', kept: true })]);
  });

  test('a refused dream leaves nothing behind', async () => {
    const wire = new Wire({
      'POST /app/v1/dreams': refusal(503, 'busy', 'Too much is waiting.'),
    });
    const dreams = new Dreams(wire.api);
    await expect(dreams.dream('le')).rejects.toThrow();
    expect(dreams.dreaming).toBe(false);
    expect(dreams.items).toEqual([]);
  });
});
