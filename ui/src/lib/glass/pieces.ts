/**
 * The text that is looked into as pieces: what one token, or several that only together make a
 * character, stand for; and the words they make.
 */
import type { Reading } from '../api';

export interface Piece {
  text: string;
  /** The name of a mark of the template, such as `end`; it has no text. */
  control: string | null;
  /** The surprise of all its tokens. */
  bits: number;
  /** Its place among the places of the reading: that of its first token. */
  place: number;
  /** How many characters (code points) of the text stand before it. */
  before: number;
}

/** The pieces of what is shown, in order. */
export function piecesOf(reading: Reading): Piece[] {
  const pieces: Piece[] = [];
  let [bits, before] = [0, 0];
  let first: number | null = null;
  reading.places.forEach((place, i) => {
    const token = reading.tokens[reading.begins + i];
    first ??= i;
    bits += place.bits;
    const whole = token && (token.text || token.control !== null);
    if (!whole && i < reading.places.length - 1) return; // a character that goes on
    pieces.push({
      text: token?.text ?? '',
      control: token?.control ?? null,
      bits,
      place: first,
      before,
    });
    before += Array.from(token?.text ?? '').length;
    [bits, first] = [0, null];
  });
  return pieces;
}

/** Bits the whole text took, and bits per character; marks are not counted. */
export function costOf(pieces: Piece[]): { characters: number; bits: number; each: number } {
  const said = pieces.filter(({ control }) => control === null);
  const characters = said.reduce((sum, { text }) => sum + Array.from(text).length, 0);
  const bits = said.reduce((sum, piece) => sum + piece.bits, 0);
  return { characters, bits, each: bits / Math.max(characters, 1) };
}

/** The words of which a piece surprised by `least` bits or more, the most surprising first. */
export function surprisingWords(pieces: Piece[], least = 4): string[] {
  const words: { text: string; most: number }[] = [];
  let open = false;
  for (const { text, control, bits } of pieces) {
    if (control !== null) break;
    // A piece may hold the end of one word and the beginning of the next.
    text.split(/(\s+)/).forEach((part) => {
      if (!part) return;
      if (/^\s+$/.test(part)) {
        open = false;
        return;
      }
      const last = words.at(-1);
      if (open && last) {
        last.text += part;
        last.most = Math.max(last.most, bits);
      } else words.push({ text: part, most: bits });
      open = true;
    });
  }
  const bare = (word: string) => word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '') || word;
  return words
    .filter(({ most }) => most >= least)
    .sort((a, b) => b.most - a.most)
    .map(({ text }) => bare(text));
}
