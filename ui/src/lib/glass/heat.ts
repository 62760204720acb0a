/**
 * A heat map: for each piece of the text a column as wide as the piece, in it a cell for each unit.
 */
import type { Layer } from '../api';
import type { Piece } from './pieces';

/** Colours as the browser computes them: `rgb(36, 102, 138)`. */
export interface Colours {
  cold: string;
  zero: string;
  warm: string;
}

interface Scale {
  /** Where each column ends, in pixels. */
  ends: number[];
  rowHeight: number;
  /** The value that has the full colour. */
  full: number;
  colours: Colours;
}

/** The rows of a layer that stand under the pieces; a single number is a row of one unit. */
export function heatRows(layer: Layer, pieces: Piece[]): number[][] {
  const { values } = layer;
  if (!values) return [];
  return pieces.map(({ place }) => {
    const row = values[place];
    return (Array.isArray(row) ? row : [row ?? 0]) as number[];
  });
}

/** The most of a colour that is laid over the ground: the map is to be read, not to shine. */
const strongest = 0.8;

/** Draws the columns, at the resolution of the screen as far as a canvas can be that large. */
export function paint(canvas: HTMLCanvasElement, rows: number[][], scale: Scale): void {
  const { ends, rowHeight, full, colours } = scale;
  const width = ends.at(-1) ?? 0;
  const height = (rows[0]?.length ?? 0) * rowHeight;
  const sharp = Math.min(window.devicePixelRatio || 1, 16_000 / Math.max(width, 1));
  canvas.width = Math.round(width * sharp);
  canvas.height = Math.round(height * sharp);
  const draw = canvas.getContext('2d');
  if (!draw) return;
  draw.scale(sharp, sharp);
  const [cold, zero, warm] = [colours.cold, colours.zero, colours.warm].map(channels);
  rows.forEach((row, piece) => {
    const left = piece === 0 ? 0 : (ends[piece - 1] ?? 0);
    row.forEach((value, unit) => {
      const part = strongest * Math.min(Math.abs(value) / full, 1);
      draw.fillStyle = mix(zero ?? [], (value < 0 ? cold : warm) ?? [], part);
      draw.fillRect(left, unit * rowHeight, (ends[piece] ?? 0) - left - 1, rowHeight - 1);
    });
  });
}

/** The red, green and blue of a computed colour. */
export const channels = (colour: string): number[] =>
  (colour.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);

function mix(from: number[], to: number[], part: number): string {
  const mixed = from.map((value, i) => Math.round(value + part * ((to[i] ?? value) - value)));
  return `rgb(${mixed.join(' ')})`;
}
