import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Checkpoint, Training } from '../api';
import { settle, Wire } from '../wire.testing';
import { lineage } from './lineage';
import { pack } from './pack';
import { TrainingList } from './trainings.svelte';

const made = (digest: string, parent: string | null, of: Partial<Checkpoint> = {}): Checkpoint => ({
  digest,
  parent,
  came_from: null,
  lesson: parent === null ? null : 1,
  created_at: '2026-11-22T00:00:00Z',
  size_bytes: 1,
  live: false,
  pinned: false,
  available: true,
  ...of,
});

const aTraining = (of: Partial<Training> = {}): Training => ({
  id: 'n1',
  model: 'bean',
  engine: 'lstm',
  characters: 1200,
  minutes: 5,
  state: 'running',
  waits: null,
  step: 3,
  steps: 10,
  loss: 2.5,
  seconds_left: 60,
  curve: [],
  samples: [],
  reason: null,
  created_at: '2026-11-22T00:00:00Z',
  finished_at: null,
  ...of,
});

describe('the tree of checkpoints', () => {
  test('a chain is one lane', () => {
    const { places, lanes } = lineage([made('c', 'b'), made('b', 'a'), made('a', null)]);
    expect(lanes).toBe(1);
    expect(places.map(({ below }) => below)).toEqual([true, true, false]);
  });

  test('what was made after going back is a lane of its own until it joins', () => {
    const { places, lanes } = lineage([
      made('d', 'a'),
      made('c', 'b'),
      made('b', 'a'),
      made('a', null),
    ]);
    expect(lanes).toBe(2);
    expect(places.map(({ lane }) => lane)).toEqual([0, 1, 1, 0]);
    expect(places[1]?.past).toEqual([0]);
    expect(places[3]?.from).toEqual([0, 1]);
  });

  test('a checkpoint that was trained on files hangs on what it began with', () => {
    const { places } = lineage([made('b', null, { came_from: 'a' }), made('a', null)]);
    expect(places.map(({ below }) => below)).toEqual([true, false]);
    expect(lineage([made('b', null, { came_from: 'elsewhere' })]).places[0]?.below).toBe(false);
  });
});

describe('a pack', () => {
  test('is a tar: headers with their checksums, whole blocks, two empty ones', async () => {
    const packed = pack([{ name: 'a.bin', file: new Blob(['hello']) }]);
    const bytes = new Uint8Array(await packed.arrayBuffer());
    expect(bytes.length).toBe(512 + 512 + 1024);
    const text = (from: number, to: number) => new TextDecoder().decode(bytes.slice(from, to));
    expect(text(0, 6)).toBe('a.bin\0');
    expect(text(124, 136)).toBe('00000000005\0');
    expect(text(257, 262)).toBe('ustar');
    const blank = bytes.slice(0, 512).fill(32, 148, 156);
    expect(parseInt(text(148, 154), 8)).toBe(blank.reduce((sum, byte) => sum + byte, 0));
    expect(text(512, 517)).toBe('hello');
  });
});

describe('trainings', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('are looked at as long as one runs, and a new model is told', async () => {
    let state: Training['state'] = 'running';
    const wire = new Wire({
      'GET /app/v1/trainings': () => ({ trainings: [aTraining({ state })] }),
    });
    const done = vi.fn();
    const list = new TrainingList(wire.api, done);
    await list.load();
    await vi.advanceTimersByTimeAsync(2000);
    expect(wire.count('GET /app/v1/trainings')).toBe(2);
    state = 'done';
    await vi.advanceTimersByTimeAsync(2000);
    expect(done).toHaveBeenCalledOnce();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(wire.count('GET /app/v1/trainings')).toBe(3);
  });

  test('a server that is gone for a while is asked again; nobody asks once one has left', async () => {
    const wire = new Wire({ 'GET /app/v1/trainings': { trainings: [aTraining()] } });
    const list = new TrainingList(wire.api, () => {});
    await list.load();
    wire.cut = true;
    await vi.advanceTimersByTimeAsync(2000);
    wire.cut = false;
    await vi.advanceTimersByTimeAsync(2000);
    expect(wire.count('GET /app/v1/trainings')).toBe(3);
    list.leave();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(wire.count('GET /app/v1/trainings')).toBe(3);
  });

  test('a paused one is shown as paused, a given-up one is gone', async () => {
    const wire = new Wire({
      'GET /app/v1/trainings': { trainings: [aTraining()] },
      'POST /app/v1/trainings/n1/pause': aTraining({ state: 'paused' }),
      'DELETE /app/v1/trainings/n1': new Response(null, { status: 204 }),
    });
    const list = new TrainingList(wire.api, () => {});
    await list.load();
    await list.pause(aTraining());
    expect(list.items[0]?.state).toBe('paused');
    await list.remove(aTraining());
    await settle();
    expect(list.items).toEqual([]);
  });
});
