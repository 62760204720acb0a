/**
 * One event stream per browser, however many tabs are open.
 *
 * Browsers allow six connections to one address; answers that are written in as many tabs would
 * leave none for anything else. So one tab, the one that holds a lock, follows the answers of all
 * tabs over one connection and passes every event on; when it closes, the lock goes to the next.
 * A tab asks for a turn from a character on and gets a response like that of the server. When the
 * connection breaks, that response ends, and the reader (`stream.ts`) asks again from where it is;
 * what comes twice adds nothing there. An answer is followed to its end, whoever still reads it.
 *
 * What is passed on stays in the memory of this browser's tabs. Where a browser has no locks
 * (plain HTTP from another machine), each tab has a connection of its own.
 */
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { ApiError, type Api } from './api';

/** What the tabs say to each other. Every tab hears all of it, the one that says it too. */
type Said =
  | { kind: 'want'; turn: string; after: number }
  | { kind: 'event'; turn: string; event: EventSourceMessage }
  /** Nothing is new, but the connection lives. */
  | { kind: 'alive' }
  /** The connection to these turns is gone. */
  | { kind: 'lost'; turns: string[] }
  /** Another tab leads from now on, and knows of nothing yet. */
  | { kind: 'leads' };

/** A turn this tab reads: how far, and where what arrives is put. */
interface Reader {
  turn: string;
  at: number;
  put: (text: string) => void;
  end: (reason?: unknown) => void;
}

export class Relay {
  readonly #channel = new BroadcastChannel('l2c-stream');
  readonly #readers = new Set<Reader>();
  /** Where this tab leads: the turns that are followed, with the characters passed on. */
  readonly #followed = new Map<string, number>();
  #leads = false;
  /** What the leader has open. */
  #connection: AbortController | null = null;

  constructor(
    private readonly api: Api,
    /** Told when the connection breaks, in every tab. */
    private readonly lost: () => void = () => {},
    private readonly locks: Pick<LockManager, 'request'> | undefined = navigator.locks,
  ) {
    this.#channel.onmessage = ({ data }: MessageEvent<Said>) => this.#hear(data);
    // Held until the tab closes; the promise that never ends holds it.
    void this.locks?.request('l2c-stream', () => {
      this.#leads = true;
      this.#say({ kind: 'leads' });
      return new Promise(() => {});
    });
  }

  /** The events of an answer from a character on, as a response. Aborting it lets go of the turn. */
  open(turn: string, after: number, signal: AbortSignal): Promise<Response> {
    if (!this.locks) return this.api.openStream(turn, after, signal);
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        const encoder = new TextEncoder();
        const reader: Reader = {
          turn,
          at: after,
          put: (text) => controller.enqueue(encoder.encode(text)),
          end: (reason) => {
            if (!this.#readers.delete(reader)) return;
            if (reason === undefined) controller.close();
            else controller.error(reason);
          },
        };
        this.#readers.add(reader);
        signal.addEventListener('abort', () => reader.end(signal.reason), { once: true });
        this.#say({ kind: 'want', turn, after });
      },
    });
    return Promise.resolve(new Response(body));
  }

  #say(said: Said): void {
    this.#channel.postMessage(said);
    this.#hear(said); // a channel does not speak to whoever speaks on it
  }

  #hear(said: Said): void {
    if (said.kind === 'want') {
      if (this.#leads) this.#want(said.turn, said.after);
      return;
    }
    if (said.kind === 'lost') this.lost();
    for (const reader of [...this.#readers]) {
      if (said.kind === 'alive') reader.put(': still here\n\n');
      else if (said.kind === 'leads')
        this.#say({ kind: 'want', turn: reader.turn, after: reader.at });
      else if (said.kind === 'event' && said.turn === reader.turn) pass(said.event, reader);
      else if (said.kind === 'lost' && said.turns.includes(reader.turn)) reader.end();
    }
  }

  #want(turn: string, after: number): void {
    this.#followed.set(turn, Math.min(after, this.#followed.get(turn) ?? after));
    this.#connect();
  }

  /** Connects anew, with all turns that are wanted now. */
  #connect(): void {
    this.#connection?.abort();
    const connection = (this.#connection = new AbortController());
    void Promise.resolve().then(() => {
      // Several tabs may have said what they want at once: one connection for all.
      if (!connection.signal.aborted) void this.#follow(connection.signal);
    });
  }

  async #follow(signal: AbortSignal): Promise<void> {
    try {
      const response = await this.api.openStreams(this.#followed, signal);
      const parser = createParser({
        onEvent: (event) => this.#passOn(event),
        onComment: () => this.#say({ kind: 'alive' }),
      });
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const read = await reader?.read();
        if (!read || read.done) break;
        if (signal.aborted) return;
        parser.feed(read.value);
      }
    } catch {
      // Gone or refused: whoever reads asks again, and hears of it then.
    }
    if (signal.aborted) return;
    const turns = [...this.#followed.keys()];
    this.#followed.clear();
    if (turns.length) this.#say({ kind: 'lost', turns });
  }

  #passOn(event: EventSourceMessage): void {
    const { of: turn } = JSON.parse(event.data) as { of: string };
    if (event.event === 'end' || event.event === 'refused') this.#followed.delete(turn);
    else this.#followed.set(turn, Number(event.id));
    this.#say({ kind: 'event', turn, event });
  }
}

/** Gives an event to a reader, in the words of the server. */
function pass({ event, id, data }: EventSourceMessage, reader: Reader): void {
  if (event === 'refused') {
    const { message } = JSON.parse(data) as { message: string };
    return reader.end(new ApiError(404, 'not_found', message));
  }
  reader.at = Number(id);
  reader.put(`id: ${id}\nevent: ${event}\ndata: ${data}\n\n`);
  if (event === 'end') reader.end();
}
