/**
 * An answer as it is written, whatever happens to the connection meanwhile.
 *
 * The server numbers every event with the characters delivered so far, so a reader that lost its
 * connection asks for the rest by that number. What arrives is nevertheless checked against what
 * is there: a piece seen before adds nothing, one that overlaps adds its end, and one that leaves
 * a gap makes the reader ask again. Characters are Unicode code points, as the server counts them,
 * not JavaScript's UTF-16 units.
 */
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { ApiError, Unreachable, type Turn } from './api';

/** What a reader learns: the whole text so far, a lost connection, or the finished turn. */
export type Progress =
  { kind: 'text'; text: string } | { kind: 'lost' } | { kind: 'end'; turn: Turn };

export type OpenStream = (after: number, signal: AbortSignal) => Promise<Response>;

export interface Patience {
  /** Waits before a new attempt; rejects when the signal aborts. */
  wait: (ms: number, signal: AbortSignal) => Promise<void>;
  /** The server comments every 15 s of silence; this much without a byte is a dead connection. */
  silenceMs: number;
}

/** Pauses between attempts: the page is back within 5 s of the server's return. */
export const pausesMs = [250, 500, 1000, 2000, 3000];

const patient: Patience = { wait: waitMs, silenceMs: 40_000 };

/**
 * Yields the answer's progress until it ends, reconnecting as often as it takes.
 *
 * `have` is the text already known, for instance from before a reload. Raises `ApiError` when the
 * server refuses the stream for good, and the signal's reason when it is aborted.
 */
export async function* follow(
  open: OpenStream,
  have: string,
  signal: AbortSignal,
  patience: Patience = patient,
): AsyncGenerator<Progress> {
  let text = have;
  for (let attempt = 0; ; attempt++) {
    try {
      const response = await open(characters(text), signal);
      for await (const event of events(response, signal, patience.silenceMs)) {
        if (event.event === 'end') {
          yield { kind: 'end', turn: (JSON.parse(event.data) as { turn: Turn }).turn };
          return;
        }
        const grown = join(text, event);
        if (grown === null) break;
        attempt = -1;
        if (grown !== text) yield { kind: 'text', text: (text = grown) };
      }
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ApiError && error.type !== 'busy' && error.status < 500) throw error;
    }
    yield { kind: 'lost' };
    await patience.wait(pausesMs[Math.min(Math.max(attempt, 0), pausesMs.length - 1)] ?? 0, signal);
  }
}

/** Returns the text with one event taken in, or null when something between is missing. */
export function join(
  text: string,
  event: Pick<EventSourceMessage, 'id' | 'event' | 'data'>,
): string | null {
  if (event.event !== 'piece' && event.event !== 'snapshot') return text;
  const piece = (JSON.parse(event.data) as { text: string }).text;
  if (event.event === 'snapshot') return piece;
  const have = characters(text);
  const until = Number(event.id);
  const from = until - characters(piece);
  if (!Number.isInteger(until) || from > have) return null;
  return (
    text +
    Array.from(piece)
      .slice(have - from)
      .join('')
  );
}

/** The number of Unicode code points in a text. */
export function characters(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length - 1; i++) {
    if (isHighSurrogate(text.charCodeAt(i)) && isLowSurrogate(text.charCodeAt(i + 1))) count--;
  }
  return count;
}

const isHighSurrogate = (unit: number) => unit >= 0xd800 && unit <= 0xdbff;
const isLowSurrogate = (unit: number) => unit >= 0xdc00 && unit <= 0xdfff;

async function* events(
  response: Response,
  signal: AbortSignal,
  silenceMs: number,
): AsyncGenerator<EventSourceMessage> {
  if (!response.body) throw new Unreachable();
  const arrived: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => arrived.push(event) });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { done, value } = await within(silenceMs, reader.read(), signal);
      if (done) return;
      parser.feed(value);
      yield* arrived.splice(0);
    }
  } finally {
    // Closing is a courtesy to the server; a connection that is already broken cannot be closed.
    reader.cancel().catch(() => {});
  }
}

/** The promise's value, unless it takes longer than `ms` or the signal aborts. */
function within<T>(ms: number, promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    const timer = setTimeout(() => reject(new Unreachable()), ms);
    signal.addEventListener('abort', abort);
    void promise.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    });
  });
}

function waitMs(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    }, ms);
    signal.addEventListener('abort', abort, { once: true });
  });
}
