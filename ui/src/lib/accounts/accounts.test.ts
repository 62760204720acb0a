import { beforeEach, expect, test } from 'vitest';
import { messages as m } from '../../messages';
import type { Key } from '../api';
import { Wire } from '../wire.testing';
import { Keys } from './keys.svelte';

const aKey = (of: Partial<Key> = {}): Key => ({
  id: 'k1',
  name: 'phone',
  ending: 'x7Qa',
  scopes: ['read', 'chat'],
  teaches: false,
  created_at: '2026-01-01T10:00:00Z',
  expires_at: null,
  ...of,
});
const wanted = { name: 'phone', scopes: ['read' as const], teaches: false, expires_at: null };

let wire: Wire;
let keys: Keys;

beforeEach(() => {
  wire = new Wire({
    'GET /app/v1/keys': { keys: [aKey()] },
    'POST /app/v1/keys': { secret: 'l2c_secret', key: aKey({ id: 'k2' }) },
    'DELETE /app/v1/keys/k1': new Response(null, { status: 204 }),
    'DELETE /app/v1/keys/k2': new Response(null, { status: 204 }),
  });
  keys = new Keys(wire.api);
});

test('a new key stands first, with its secret until it was taken', async () => {
  await keys.load();
  await keys.make(wanted);
  expect(keys.items.map(({ id }) => id)).toEqual(['k2', 'k1']);
  expect(keys.made?.secret).toBe('l2c_secret');
  keys.taken();
  expect(keys.made).toBeNull();
});

test('a revoked key is gone, and its secret with it', async () => {
  await keys.load();
  await keys.make(wanted);
  await keys.revoke(aKey());
  expect(keys.made).not.toBeNull();
  await keys.revoke(aKey({ id: 'k2' }));
  expect(keys.items).toEqual([]);
  expect(keys.made).toBeNull();
});

test('keys that could not be loaded are said to be, and stay when they were once there', async () => {
  wire.cut = true;
  await expect(keys.load()).rejects.toThrow();
  expect(keys.state).toBe('failed');
  wire.cut = false;
  await keys.load();
  wire.cut = true;
  await expect(keys.load()).rejects.toThrow();
  expect(keys.state).toBe('ready');
  expect(keys.items).toHaveLength(1);
});

test('what is said of a key is what it may do', () => {
  const facts = m.keyFacts(aKey({ teaches: true, scopes: ['read', 'learn'] }));
  expect(facts).toMatch(/^ends in x7Qa, may look, steer learning, teaches, made /);
  expect(m.keyFacts(aKey({ expires_at: '2027-01-01T10:00:00Z' }))).toMatch(/until .*202[67]/);
});
