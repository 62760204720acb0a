import { expect, test } from 'vitest';
import { messages as m } from '../../messages';
import { Tabs } from '../shell/tabs';
import { aDocument, refusal, settle, Wire } from '../wire.testing';
import { Attached } from './attached.svelte';
import { Documents } from './documents.svelte';
import { around, passageAround, segments } from './segments';

const file = (name = 'garden.pdf') => new File(['words'], name);
const setUp = (routes: Record<string, unknown>) => {
  const wire = new Wire(routes);
  return { wire, documents: new Documents(wire.api, new Tabs(), 'It did not arrive.') };
};

test('a document that was read joins the list and leaves the uploads', async () => {
  const { documents } = setUp({ 'PUT /app/v1/documents': aDocument() });
  const added = documents.add(file(), 'c1');
  expect(documents.uploads).toMatchObject([{ name: 'garden.pdf', conversation: 'c1' }]);
  expect((await added)?.id).toBe('d1');
  expect(documents.uploads).toEqual([]);
  expect(documents.items.map(({ id }) => id)).toEqual(['d1']);
});

test('a refused file stays with the reason of the server until it is dismissed', async () => {
  const { documents } = setUp({
    'PUT /app/v1/documents': () => refusal(400, 'invalid_input', 'There is no text in it.'),
  });
  expect(await documents.add(file())).toBeNull();
  const [upload] = documents.uploads;
  expect(upload?.reason).toBe('There is no text in it.');
  documents.dismiss(upload?.key ?? 0);
  expect(documents.uploads).toEqual([]);
});

test('a file that did not arrive says so', async () => {
  const { documents, wire } = setUp({});
  wire.cut = true;
  await documents.add(file());
  expect(documents.uploads[0]?.reason).toBe('It did not arrive.');
});

test('a page is asked for once, and again after a failure', async () => {
  const { documents, wire } = setUp({
    'GET /app/v1/documents/d1/pages/1': { text: 'Words', passages: [] },
  });
  const route = 'GET /app/v1/documents/d1/pages/1';
  wire.cut = true;
  await expect(documents.page('d1', 1)).rejects.toThrow();
  wire.cut = false;
  await documents.page('d1', 1);
  await documents.page('d1', 1);
  expect(wire.count(route)).toBe(2);
});

test('what one conversation has attached is not shown in another', async () => {
  let release = () => {};
  const wire = new Wire({
    'GET /app/v1/conversations/c1/documents': async () => {
      await new Promise<void>((resolve) => (release = resolve));
      return { documents: [aDocument()] };
    },
    'GET /app/v1/conversations/c2/documents': { documents: [] },
  });
  const attached = new Attached(wire.api, new Tabs());
  const slow = attached.open('c1');
  await settle();
  await attached.open('c2');
  release();
  await slow;
  expect(attached.items).toEqual([]);
});

test('a quoted place is cut in code points, as the server counts', () => {
  const pieces = segments('🌱🌱 sow beans', [[0, 12]], [3, 6]);
  expect(pieces.map(({ text, quoted }) => [text, quoted])).toEqual([
    ['🌱🌱 ', false],
    ['sow', true],
    [' beans', false],
  ]);
});

test('places beyond the text, or none, lose no letter of it', () => {
  for (const quote of [null, [2, 99], [99, 120], [0, 0], [3, 1]] as const) {
    const pieces = segments('peas', [[0, 2]], quote);
    expect(pieces.map(({ text }) => text).join('')).toBe('peas');
  }
});

test('a card shows the place and some of its passage', () => {
  const passage = passageAround(
    [
      [0, 500],
      [500, 2000],
    ],
    [900, 950],
  );
  expect(passage).toEqual([500, 2000]);
  expect(around(passage, [900, 950], 100)).toEqual([800, 1050]);
  expect(around(passage, [505, 1990], 100)).toEqual([500, 2000]);
});

test('a summary by a larger model says who wrote it, from how much, and how it was checked', () => {
  const abstract = { text: 'Six weeks.', model: 'ollama/big', characters: 2000, left_out: 0 };
  expect(m.abstractBy(abstract, 2000)).toBe(
    'Written by ollama/big, which was shown all of it. Checked against that: only sentences whose names, numbers and telling words stand there are kept; none had to be left out.',
  );
  expect(m.abstractBy({ ...abstract, characters: 1000, left_out: 1 }, 2000)).toMatch(
    /its first 1,000 of 2,000 characters\..*1 other was left out\.$/,
  );
});

test('a summarised document takes the place of the one that was there', async () => {
  const abstract = { text: 'Six weeks.', model: 'ollama/big', characters: 2000, left_out: 0 };
  const { documents, wire } = setUp({
    'GET /app/v1/documents': { documents: [aDocument()], next: null },
    'POST /app/v1/documents/d1/summarize': aDocument({ abstract }),
  });
  await documents.load();
  await documents.summarize(aDocument(), 'ollama/big');
  expect(documents.items[0]?.abstract).toEqual(abstract);
  expect(wire.count('POST /app/v1/documents/d1/summarize')).toBe(1);
});
