import { beforeEach, expect, test, vi } from 'vitest';
import { refusal, Wire } from '../wire.testing';
import { Admission } from './admission.svelte';
import { Shelf } from './shelf';

beforeEach(() => localStorage.clear());

test('a session that ended elsewhere is noticed, and its return too', async () => {
  let known = true;
  const wire = new Wire({
    'GET /app/v1/folders': () =>
      known ? { folders: [] } : refusal(401, 'unauthorized', 'Sign in at /login.'),
  });
  const reload = vi.fn();
  const admission = new Admission(new Shelf(), reload);
  const returned = vi.fn();
  admission.onReturn(returned);
  wire.api.admitted = (is) => admission.heard(is);
  await wire.api.folders();
  expect([admission.ended, returned.mock.calls.length]).toEqual([false, 0]);
  known = false;
  await wire.api.folders().catch(() => {});
  expect(admission.ended).toBe(true);
  known = true;
  await wire.api.folders();
  expect([admission.ended, returned.mock.calls.length]).toEqual([false, 1]);
  expect(reload).not.toHaveBeenCalled();
  admission.signIn();
  expect(reload).toHaveBeenCalledOnce();
});

test('another refusal, and a server that is gone, sign nobody out', async () => {
  const wire = new Wire({ 'GET /app/v1/folders': () => refusal(403, 'forbidden', 'No.') });
  const heard = vi.fn();
  wire.api.admitted = heard;
  await wire.api.folders().catch(() => {});
  wire.cut = true;
  await wire.api.folders().catch(() => {});
  expect(heard.mock.calls).toEqual([[true]]);
});

test('somebody else gets a page of their own', () => {
  const reload = vi.fn();
  const shelf = new Shelf();
  const admission = new Admission(shelf, reload);
  expect([admission.isStill('ada'), admission.isStill('ada')]).toEqual([true, true]);
  expect(shelf.get('whose')).toBe('ada');
  expect(admission.isStill('eve')).toBe(false);
  expect(reload).toHaveBeenCalledOnce();
  expect(shelf.get('whose')).toBe('ada');
});
