import { describe, expect, test } from 'vitest';
import { messages as m } from './messages';
import { aLesson, anAnswer } from './lib/wire.testing';

test('the horizon counts', () => {
  expect(m.horizon('le', 6)).toBe('le reads from here. 6 earlier turns do not fit.');
  expect(m.horizon('le', 1)).toBe('le reads from here. 1 earlier turn does not fit.');
});

test('a verdict is said once, with its lesson', () => {
  expect(m.lessonVerdict(aLesson({ number: 41 }))).toBe(
    'Lesson 41 kept. Your text got 9\u00a0% better, general text 0.4\u00a0% worse.',
  );
  expect(m.lessonVerdict(aLesson({ state: 'failed', verdict: null }))).toBe('Lesson 1 failed.');
});

test('what counting alone makes of a text is told, and what was not measured is not 0', () => {
  expect(m.counted(2.311, 1.4)).toBe('2.31 → 1.40');
  expect(m.counted(null, null)).toBe('–');
});

test('an outcome can be worse', () => {
  expect(m.outcome(19.2)).toBe('19\u00a0% better');
  expect(m.outcome(-2.14)).toBe('2.1\u00a0% worse');
  expect(m.outcomeAfter(0)).toBe(' than at the start, and general text stayed the same.');
  expect(m.outcomeAfter(-1.23)).toBe(' than at the start, and general text 1.2\u00a0% better.');
});

test.each([
  ['complete', 'Answer finished, remembered.'],
  ['stopped', 'Answer stopped.'],
  ['interrupted', 'The answer was cut off.'],
  ['error', 'The answer was cut off.'],
] as const)('an answer that is %s ends with "%s"', (status, words) => {
  expect(m.answerFinished(anAnswer({ status, origin: 'remembered' }))).toBe(words);
});

test('a turn off by itself and one off with its conversation are told apart', () => {
  expect(m.markSentence('off', null, false)).toContain('this turn');
  expect(m.markSentence('off', null, true)).toContain('this conversation');
});

test('the label of a mark begins with the word that is seen', () => {
  for (const mark of ['queued', 'learned', 'off', 'refused', 'none'] as const) {
    expect(m.markLabel(mark, 3).startsWith(m.mark(mark))).toBe(true);
  }
});

test('sizes and times carry their unit', () => {
  expect([m.bytes(0), m.bytes(999), m.bytes(1_470_000), m.bytes(38e9)]).toEqual([
    '0 bytes',
    '999 bytes',
    '1.5 MB',
    '38 GB',
  ]);
  expect([m.timeLeft(0), m.timeLeft(4), m.timeLeft(200)]).toEqual([
    'about 1 s left',
    'about 4 s left',
    'about 3 min left',
  ]);
});

describe('the voice', () => {
  const words = Object.values(m).flatMap((message) =>
    typeof message === 'string' ? [message] : [],
  );
  test.each(words)('"%s" neither exclaims nor apologises', (message) => {
    expect(message).not.toMatch(/!|sorry|oops|please/i);
  });
});

test('no two tables of words have a word for the same key', () => {
  const tables = import.meta.glob<Record<string, object>>('./words/*.ts', { eager: true });
  const names = Object.entries(tables)
    .filter(([path]) => !path.endsWith('/format.ts'))
    .flatMap(([path, words]) => {
      const name = path.replace(/^.*\/|\.ts$/g, '');
      return Object.keys(words[name] ?? {});
    });
  expect(names.length).toBeGreaterThan(200);
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
});
