import { expect, test } from 'vitest';
import { Frames } from '../shell/frames';
import { aTurn } from '../wire.testing';
import { Dressing } from './dressing.svelte';
import { inParts, nearView, partOf } from './parts';
import { readPlace } from './place';
import { settled } from './settled';

const ids = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `t${from + i}`);
const worn = (dressing: Dressing, among: string[]) => among.filter((id) => dressing.of(id).on);

test('turns come to stand in full one at a time, the nearest first', () => {
  const dressing = new Dressing();
  expect(dressing.step(['t2', 't1'])).toBe(true);
  expect(worn(dressing, ['t1', 't2'])).toEqual(['t2']);
  expect(dressing.step(['t2', 't1'])).toBe(true);
  expect(dressing.step(['t2', 't1'])).toBe(false);
  expect(worn(dressing, ['t1', 't2'])).toEqual(['t1', 't2']);
});

test('far turns stand as words again, but never one that is wanted', () => {
  const dressing = new Dressing(10);
  dressing.only(ids(0, 30));
  const near = ids(5, 20);
  while (dressing.step(near));
  expect(worn(dressing, ids(0, 30))).toEqual(near);
});

test('another conversation begins with its own turns alone', () => {
  const dressing = new Dressing();
  dressing.only(ids(0, 5));
  dressing.only(ids(4, 6));
  expect(worn(dressing, ids(0, 6))).toEqual(['t4', 't5']);
});

test('work stops for the frame when its time is over, and goes on with the next', () => {
  let [left, now] = [5, 0];
  const waiting: (() => void)[] = [];
  const frames = new Frames(
    (inTime) => {
      for (; left > 0 && inTime(); left--) now += 3;
      return left > 0;
    },
    4,
    (run) => waiting.push(run),
    () => now,
  );
  frames.wake();
  frames.wake();
  expect(waiting).toHaveLength(1);
  waiting.shift()?.();
  expect(left).toBe(3);
  while (waiting.length) waiting.shift()?.();
  expect(left).toBe(0);
});

test('a conversation lies in parts, and every turn is in one', () => {
  const turns = ids(0, 45).map((id) => aTurn({ id }));
  const parts = inParts(turns);
  expect(parts.flatMap((part) => part.turns)).toEqual(turns);
  expect(parts.map(({ from }) => partOf(from))).toEqual([0, 1, 2]);
  expect(inParts([])).toEqual([]);
});

/** A view of 100 px whose parts, of 50 turns 10 px high, begin at `top`. */
function laidOut(top: number): HTMLElement {
  const view = document.createElement('div');
  const log = document.createElement('div');
  log.setAttribute('role', 'log');
  view.append(log);
  const place = (element: HTMLElement, y: number, height: number) => {
    element.getBoundingClientRect = () => new DOMRect(0, y, 100, height);
    return element;
  };
  place(view, 0, 100);
  for (let part = 0; part < 10; part++) {
    const box = place(document.createElement('div'), top + part * 200, 200);
    box.dataset.part = String(part * 20);
    for (let i = 0; i < 20; i++) {
      const turn = place(document.createElement('article'), top + part * 200 + i * 10, 10);
      turn.dataset.turn = `t${part * 20 + i}`;
      box.append(turn);
    }
    log.append(box);
  }
  return view;
}

test('what is near the view is found, and the turn in its middle', () => {
  const { near, middle } = nearView(laidOut(-1000));
  expect([...near]).toEqual([80, 100, 120]);
  expect(middle).toBe(105);
});

test('the place being read is the first turn in view', () => {
  expect(readPlace(laidOut(-1003))).toEqual({ turn: 't100', offset: -3 });
  expect(readPlace(laidOut(-9000))).toBeNull();
});

test('what was fetched again unchanged is the very object it was', () => {
  const before = [aTurn({ id: 'a' }), aTurn({ id: 'b', learning: 'queued' })];
  const now = [aTurn({ id: 'a' }), aTurn({ id: 'b', learning: 'learned', lesson: 3 })];
  const turns = settled(before, now);
  expect(turns[0]).toBe(before[0]);
  expect(turns[1]).toBe(now[1]);
  const sampled = aTurn({ id: 'a', sampling: { temperature: 0.4 } });
  expect(settled([sampled], [aTurn({ id: 'a', sampling: { temperature: 0.5 } })])[0]).not.toBe(
    sampled,
  );
});
