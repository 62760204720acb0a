import { expect, test } from 'vitest';
import { refusal, Wire } from '../wire.testing';
import { Import, lines } from './transfer.svelte';

const route = 'POST /app/v1/import';
const added = (title: string) => ({
  title,
  conversation_id: 'c1',
  outcome: 'added',
  turns: 2,
  reason: null,
});
const refused = {
  ...added('Broken'),
  conversation_id: null,
  outcome: 'refused',
  reason: 'No turn.',
};
const sum = { done: true, added: 1, extended: 0, unchanged: 0, refused: 1, turns: 2 };
const report = (...of: object[]) => new Response(of.map((one) => JSON.stringify(one)).join('\n'));
const read = async (answer: unknown) => {
  const wire = new Wire({ [route]: answer });
  const reading = new Import(wire.api);
  await reading.read(new File(['{}'], 'all.json'), true);
  return reading;
};

test('each conversation has its line, and all of them a sum', async () => {
  const reading = await read(() => report(added('Pim'), refused, sum));
  expect(reading.state).toBe('done');
  expect(reading.lines.map(({ outcome }) => outcome)).toEqual(['added', 'refused']);
  expect(reading.sum).toEqual(sum);
});

test('a report without its end is told to be broken', async () => {
  const reading = await read(() => report(added('Pim')));
  expect(reading.state).toBe('broken');
  expect(reading.lines).toHaveLength(1);
});

test('a refused file says why', async () => {
  const reading = await read(() => refusal(400, 'invalid_input', 'That is no export.'));
  expect([reading.state, reading.reason]).toEqual(['broken', 'That is no export.']);
});

test('of a long report every refused conversation stays in sight', async () => {
  const many = Array.from({ length: 600 }, (_, i) => added(`Conversation ${i}`));
  const reading = await read(() => report(...many, refused, sum));
  expect(reading.lines).toHaveLength(500);
  expect(reading.hidden).toBe(101);
  expect(reading.lines).toContainEqual(refused);
});

test('lines are read across the borders of what arrives', async () => {
  const parts = ['{"a":', '1}\n{"b"', ':2}\n\n{"c":3}'].map((part) =>
    new TextEncoder().encode(part),
  );
  const found: string[] = [];
  const body = new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(part);
      controller.close();
    },
  });
  for await (const line of lines(new Response(body))) found.push(line);
  expect(found).toEqual(['{"a":1}', '{"b":2}', '{"c":3}']);
});
