import { describe, expect, test } from 'vitest';
import { anAnswer, aTurn, nextTask, refusal, Wire } from '../wire.testing';
import { messages as m } from '../../messages';
import { atTemperature, step } from './distribution';
import { GlassBox } from './glass.svelte';
import { channels, heatRows } from './heat';
import { countColumns, drawnAs, firstShown, fullColour, partOf, placeOf } from './layers';
import { costOf, piecesOf, surprisingWords } from './pieces';
import type { Layer, Place, Reading } from './reading';

const aPlace = (of: Partial<Place> = {}): Place => ({
  bits: 1,
  likely: [10, 11],
  log_probabilities: [Math.log(0.5), Math.log(0.3)],
  others: 4,
  others_log_probability: Math.log(0.2),
  ...of,
});

const aLayer = (of: Partial<Layer> = {}): Layer => ({
  name: 'layers.0.cell',
  shape: [3],
  low: -1,
  high: 1,
  units: null,
  values: null,
  ...of,
});

/** A reading of these texts, each one token that took so many bits. */
function aReading(texts: [string, number][], of: Partial<Reading> = {}): Reading {
  const shown = texts.map(([text], i) => ({
    id: 10 + i,
    text,
    control: text === 'END' ? 'end' : null,
  }));
  return {
    model: 'le',
    engine: 'lstm',
    checkpoint: 'k0',
    begins: 1,
    unread: 0,
    tokens: [
      { id: 1, text: '', control: 'start' },
      ...shown.map((one) => (one.control ? { ...one, text: '' } : one)),
    ],
    places: texts.map(([, bits]) => aPlace({ bits })),
    words: { 10: 'a', 11: 'b' },
    layers: [],
    ...of,
  };
}

describe('a distribution at another temperature', () => {
  test('at 1 is the one that was recorded', () => {
    const { likely, others } = atTemperature(aPlace(), 1);
    expect(likely.map(({ chance }) => chance)).toEqual([
      expect.closeTo(0.5, 9),
      expect.closeTo(0.3, 9),
    ]);
    expect(others).toBeCloseTo(0.2, 9);
  });

  test('is every probability to the power of 1/T, made to sum to one', () => {
    for (const temperature of [0.2, 0.7, 1.4, 2]) {
      const powers = [0.5, 0.3, 0.05, 0.05, 0.05, 0.05].map((p) => p ** (1 / temperature));
      const total = powers.reduce((sum, p) => sum + p, 0);
      const { likely, others } = atTemperature(aPlace(), temperature);
      expect(likely[0]?.chance).toBeCloseTo((powers[0] ?? 0) / total, 9);
      expect(likely[1]?.chance).toBeCloseTo((powers[1] ?? 0) / total, 9);
      expect(likely.reduce((sum, { chance }) => sum + chance, others)).toBeCloseTo(1, 9);
    }
  });

  test('at 0 is certain of the likeliest, and near 0 overflows nowhere', () => {
    expect(atTemperature(aPlace(), 0).likely.map(({ chance }) => chance)).toEqual([1, 0]);
    const unlikely = aPlace({ log_probabilities: [-900, -905], others_log_probability: -1000 });
    expect(atTemperature(unlikely, 0.05).likely[0]?.chance).toBeCloseTo(1, 9);
  });

  test('surprise has its six steps', () => {
    expect([0, 0.49, 0.5, 1, 2, 3.9, 4, 99].map(step)).toEqual([0, 0, 1, 2, 3, 4, 5, 5]);
  });
});

describe('pieces', () => {
  test('are the tokens, each with what stands before it', () => {
    const pieces = piecesOf(
      aReading([
        ['I', 0.5],
        [' am', 2],
        ['END', 0],
      ]),
    );
    expect(pieces.map(({ text, control, before }) => [text, control, before])).toEqual([
      ['I', null, 0],
      [' am', null, 1],
      ['', 'end', 4],
    ]);
    expect(costOf(pieces)).toEqual({ characters: 4, bits: 2.5, each: 0.625 });
  });

  test('a character of several tokens is one piece with the bits of all', () => {
    const pieces = piecesOf(
      aReading([
        ['', 1],
        ['', 2],
        ['é', 3],
        ['!', 1],
      ]),
    );
    expect(pieces.map(({ text, bits, place, before }) => [text, bits, place, before])).toEqual([
      ['é', 6, 0, 0],
      ['!', 1, 3, 1],
    ]);
  });

  test('words are named by their most surprising piece, the worst first', () => {
    const pieces = piecesOf(
      aReading([
        ['My', 0],
        [' w', 4.5],
        ['arm', 1],
        [' r', 1],
        ['ug', 5],
        ['. A', 3],
        ['END', 9],
      ]),
    );
    expect(surprisingWords(pieces)).toEqual(['rug', 'warm']);
    const say = (words: string[]) =>
      m
        .surprised('le', words)
        .map(([part]) => part)
        .join('');
    expect(say(['rug', 'warm'])).toBe('2 words surprised le: rug and warm.');
    expect(say([])).toBe('Nothing here surprised le.');
    expect(say(['a'])).toBe('One word surprised le: a.');
    expect(say(['a', 'b', 'c', 'd'])).toBe('4 words surprised le, most of all a, b and c.');
  });
});

describe('layers', () => {
  test('are drawn by their shape', () => {
    expect(drawnAs(aLayer(), 7)).toBe('heat');
    expect(drawnAs(aLayer({ name: 'anomaly', shape: [] }), 7)).toBe('heat');
    expect(drawnAs(aLayer({ name: 'layers.1.attention', shape: [4, 7] }), 7)).toBe('attention');
    expect(drawnAs(aLayer({ name: 'experts', shape: [4, 7] }), 7)).toBe('rows');
    expect(drawnAs(aLayer({ name: 'columns', shape: [1024] }), 7)).toBe('columns');
  });

  test('have a place and a part, and the memory of the last layer is shown first', () => {
    expect(partOf('members.1.layers.0.cell')).toBe('cell');
    expect(m.layerPlace(placeOf('members.1.layers.0.cell'))).toBe('member 2, layer 1');
    const names = ['weights', 'layers.0.cell', 'layers.1.cell', 'layers.1.i'];
    expect(firstShown(names.map((name) => aLayer({ name })))).toBe('layers.1.cell');
    expect(firstShown([aLayer({ name: 'anything' })])).toBe('anything');
    expect(firstShown([])).toBeNull();
  });

  test('one loud unit does not leave the others grey', () => {
    const rows = [Array.from({ length: 100 }, (_, i) => (i === 0 ? 1000 : i / 100))];
    expect(fullColour(rows)).toBeLessThan(1);
    expect(fullColour([[0, 0]])).toBe(1);
    expect(heatRows(aLayer({ values: [0.5, 1] }), piecesOf(aReading([['a', 1]])))).toEqual([[0.5]]);
    expect(channels('rgba(36, 102, 138, 0.5)')).toEqual([36, 102, 138]);
  });

  test('columns are counted as active, expected and both', () => {
    expect(countColumns([0, 1, 2, 3, 3])).toEqual({ active: 3, expected: 3, both: 2 });
  });
});

describe('the glass box', () => {
  const sampling = { temperature: 0.4 };
  const routes = (reading: Reading) => ({
    'GET /app/v1/turns/a1': anAnswer({ text: 'I am', sampling }),
    'GET /app/v1/turns/t1': aTurn(),
    'GET /app/v1/turns/a1/inspect': ({ url }: { url: URL }) =>
      url.searchParams.get('layers')
        ? { ...reading, layers: [aLayer({ values: [[1, 2, 3]] })] }
        : reading,
    'POST /app/v1/turns/a1/inspect/again': ({ body }: { body: { after: number } }) => ({
      text: ` was after ${body.after}`,
      seed: 1,
      checkpoint: 'k0',
    }),
  });

  test('opens at the most surprising piece, at the temperature the answer was written at', async () => {
    const wire = new Wire(
      routes(
        aReading(
          [
            ['I', 1],
            [' am', 3],
          ],
          { layers: [aLayer()] },
        ),
      ),
    );
    const glass = new GlassBox(wire.api);
    await glass.open('a1');
    expect(glass.phase).toBe('ready');
    expect(glass.piece?.text).toBe(' am');
    expect(glass.temperature).toBe(0.4);
    expect(glass.layer?.values).toEqual([[1, 2, 3]]);
    await glass.writeAgain();
    expect(glass.anothers).toEqual([{ kept: 'I', text: ' was after 1', temperature: 0.4 }]);
  });

  test('says why an answer cannot be looked into', async () => {
    const wire = new Wire({ ...routes(aReading([])) });
    const glass = new GlassBox(wire.api);
    wire.routes['GET /app/v1/turns/a1/inspect'] = () =>
      refusal(400, 'invalid_input', 'Only an answer that has words can be looked into.');
    await glass.open('a1');
    expect([glass.phase, glass.reason]).toEqual([
      'refused',
      'Only an answer that has words can be looked into.',
    ]);
    await glass.open('gone');
    expect(glass.phase).toBe('missing');
    wire.cut = true;
    await glass.open('a1');
    expect(glass.phase).toBe('failed');
  });

  test('an answer opened meanwhile is the one that is shown', async () => {
    const wire = new Wire(routes(aReading([['I', 1]])));
    const glass = new GlassBox(wire.api);
    const first = glass.open('gone');
    await glass.open('a1');
    await first;
    await nextTask();
    expect(glass.phase).toBe('ready');
  });

  test('what another model says stands beside it, and why one could not read it', async () => {
    const reading = aReading([['I', 1]]);
    const wire = new Wire(routes(reading));
    const glass = new GlassBox(wire.api);
    await glass.open('a1');
    wire.routes['GET /app/v1/turns/a1/inspect'] = ({ url }: { url: URL }) =>
      url.searchParams.get('model') === 'htm'
        ? { ...reading, model: 'htm' }
        : refusal(404, 'not_found', 'It is gone.');
    await glass.readElsewhere(['le', 'htm', 'old']);
    expect(glass.elsewhere.map(({ model, refused }) => [model, refused])).toEqual([
      ['htm', null],
      ['old', 'It is gone.'],
    ]);
  });
});
