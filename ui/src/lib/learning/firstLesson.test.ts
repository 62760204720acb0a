import { expect, test } from 'vitest';
import { aLesson, aTurn, refusal, Wire } from '../wire.testing';
import { FirstLesson } from './firstLesson.svelte';

const fact = { id: 'f1', turn_id: 't1' };

/** The words cost 8 bits before the lesson and 3 after it. */
const inspect = ({ body }: { body: { checkpoint: string } }) => ({
  begins: 1,
  tokens: [
    { id: 1, text: '', control: 'user' },
    { id: 9, text: 'Pim', control: null },
  ],
  places: [{ bits: body.checkpoint === 'k0' ? 8 : 3 }],
});

function told(wire: Wire) {
  return { first: new FirstLesson(wire.api), turn: aTurn({ text: 'Pim' }) };
}

test('what is told is remembered first, and proven once it is learned', async () => {
  const wire = new Wire({
    'GET /app/v1/memory': { facts: [fact, { ...fact, id: 'f2', turn_id: 'other' }] },
    'GET /app/v1/learning/lessons/1': { lesson: aLesson(), sources: [] },
    'POST /app/v1/inspect': inspect,
    'GET /app/v1/turns/t1/proof': { question: 'What is my cat called?' },
  });
  const { first, turn } = told(wire);
  await first.look(turn, 'le');
  expect(first.facts.map(({ id }) => id)).toEqual(['f1']);
  expect(first.lesson).toBeNull();
  await first.look({ ...turn, learning: 'learned', lesson: 1 }, 'le');
  expect([first.before?.bits, first.after?.bits]).toEqual([8, 3]);
  expect(first.proof?.question).toBe('What is my cat called?');
  expect(first.lesson?.number).toBe(1);
});

test('nothing is asked again while nothing has changed, and all again after a failure', async () => {
  const wire = new Wire({ 'GET /app/v1/memory': { facts: [] } });
  const { first, turn } = told(wire);
  await first.look(turn, 'le');
  await first.look(turn, 'le');
  expect(wire.count('GET /app/v1/memory')).toBe(1);
  wire.cut = true;
  await expect(first.look({ ...turn, learning: 'learned', lesson: 1 }, 'le')).rejects.toThrow();
  wire.cut = false;
  wire.routes['GET /app/v1/learning/lessons/1'] = { lesson: aLesson({ checkpoint: null }) };
  await first.look({ ...turn, learning: 'learned', lesson: 1 }, 'le');
  expect(first.before).toBeNull();
});

test('words that tell nothing to be asked for are proven by how they read alone', async () => {
  const wire = new Wire({
    'GET /app/v1/memory': { facts: [] },
    'GET /app/v1/learning/lessons/1': { lesson: aLesson(), sources: [] },
    'POST /app/v1/inspect': inspect,
    'GET /app/v1/turns/t1/proof': refusal(400, 'invalid_input', 'Nothing can be asked for.'),
  });
  const { first, turn } = told(wire);
  await first.look({ ...turn, learning: 'learned', lesson: 1 }, 'le');
  expect(first.proof).toBeNull();
  expect(first.after?.bits).toBe(3);
});
