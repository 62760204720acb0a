/**
 * What engines show of themselves, by name and shape, so that an engine made later needs nothing
 * new here: a name is a path whose last word says what it is (`layers.0.cell`), and the shape of
 * one token's values says how it can be drawn.
 */
import type { Layer } from '../api';

/** How a layer is drawn; see `drawnAs`. */
export type Drawing = 'heat' | 'attention' | 'columns' | 'rows';

/**
 * A number or a row of numbers for each token is a heat map. A row for each of several heads or
 * members is drawn for one token at a time: over the tokens that were read where it is as long as
 * they are (attention), else as what stands out in each row. Columns of a sequence memory are dots.
 */
export function drawnAs(layer: Layer, tokens: number): Drawing {
  if (layer.shape.length < 2) return partOf(layer.name) === 'columns' ? 'columns' : 'heat';
  return layer.shape[1] === tokens && partOf(layer.name).startsWith('attention')
    ? 'attention'
    : 'rows';
}

/** What it is: the last word of its name. */
export const partOf = (name: string): string => name.split('.').at(-1) ?? name;

/** Where in the model it is: its name without the last word; empty for the model as a whole. */
export const placeOf = (name: string): string => name.split('.').slice(0, -1).join('.');

/** The layer one sees first: the slow memory of the last layer, else what there is. */
export function firstShown(layers: Layer[]): string | null {
  for (const part of ['cell', 'attention', 'columns', 'anomaly', 'weights', 'shares']) {
    const found = layers.findLast(({ name }) => partOf(name) === part);
    if (found) return found.name;
  }
  return layers[0]?.name ?? null;
}

/**
 * The value that has the full colour: what all but the loudest twentieth stay below. Values beyond
 * it look the same, so that one loud unit does not leave all others grey.
 */
export function fullColour(rows: number[][]): number {
  const sizes = rows
    .flat()
    .map(Math.abs)
    .sort((a, b) => a - b);
  const at = sizes[Math.floor(0.95 * (sizes.length - 1))] ?? 0;
  return at > 0 ? at : sizes.at(-1) || 1;
}

/** How many columns of a sequence memory are active, expected, and both. */
export function countColumns(row: number[]): { active: number; expected: number; both: number } {
  const count = (bits: number) => row.filter((value) => (value & bits) === bits).length;
  return { active: count(1), expected: count(2), both: count(3) };
}
