import { expect, test, vi } from 'vitest';
import { ApiError } from './api';
import { Relay } from './relay';
import { follow } from './stream';
import { anAnswer, nextTask, Wire } from './wire.testing';

/** One lock for all tabs of a browser: the next one gets it when the holder's tab closes. */
class Locks {
  readonly #waiting: (() => unknown)[] = [];
  request = ((_: string, hold: () => unknown) => {
    this.#waiting.push(hold);
    if (this.#waiting.length === 1) hold();
    return new Promise(() => {});
  }) as unknown as LockManager['request'];

  /** The tab that leads is gone. */
  pass(): void {
    this.#waiting.shift();
    this.#waiting[0]?.();
  }
}

/** What the server says over the connections the page opens, one after the other. */
class Server {
  readonly asked: string[][] = [];
  #say: ((text: string) => void) | null = null;
  #close: (() => void) | null = null;
  readonly wire = new Wire({
    'GET /app/v1/stream': ({ url }: { url: URL }) => {
      this.asked.push(url.searchParams.getAll('turn'));
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => {
          this.#say = (text) => controller.enqueue(new TextEncoder().encode(text));
          this.#close = () => controller.close();
        },
      });
      return new Response(body);
    },
  });

  tell(of: string, id: number, event: string, payload: object): void {
    this.#say?.(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify({ ...payload, of })}\n\n`);
  }

  close = () => this.#close?.();
}

const patience = { wait: () => Promise.resolve(), silenceMs: 60_000 };

/** Reads an answer to its end in a tab; what it has so far, and the end. */
function reading(tab: Relay, turn: string, have = '') {
  const read = { text: have, ended: false, lost: 0, error: null as unknown };
  const aborting = new AbortController();
  const run = async () => {
    const open = (after: number, signal: AbortSignal) => tab.open(turn, after, signal);
    for await (const progress of follow(open, have, aborting.signal, patience)) {
      if (progress.kind === 'text') read.text = progress.text;
      else if (progress.kind === 'lost') read.lost += 1;
      else read.ended = true;
    }
  };
  run().catch((error: unknown) => (read.error = error));
  return { read, abort: () => aborting.abort() };
}

async function quiet() {
  for (let i = 0; i < 8; i++) await nextTask();
}

function browser(tabs: number) {
  const [server, locks, lost] = [new Server(), new Locks(), vi.fn()];
  const relays = Array.from({ length: tabs }, () => new Relay(server.wire.api, lost, locks));
  return { server, locks, lost, relays };
}

test('three tabs read three answers over one connection', async () => {
  const { server, relays } = browser(3);
  const readers = relays.map((tab, i) => reading(tab, `a${i}`));
  await quiet();
  expect(server.asked.at(-1)).toEqual(['a0:0', 'a1:0', 'a2:0']);
  for (const i of [2, 0, 1]) server.tell(`a${i}`, 5, 'piece', { text: `Hi, ${i}` });
  for (const i of [0, 1, 2]) server.tell(`a${i}`, 5, 'end', { turn: anAnswer({ id: `a${i}` }) });
  await quiet();
  expect(readers.map(({ read }) => [read.text, read.ended, read.lost])).toEqual([
    ['Hi, 0', true, 0],
    ['Hi, 1', true, 0],
    ['Hi, 2', true, 0],
  ]);
});

test('two tabs that read the same answer from other places both have it whole', async () => {
  const { server, relays } = browser(2);
  const first = reading(relays[0]!, 'a', '');
  await quiet();
  server.tell('a', 3, 'piece', { text: 'One' });
  await quiet();
  const second = reading(relays[1]!, 'a', 'O');
  await quiet();
  expect(server.asked.at(-1)).toEqual(['a:1']);
  server.tell('a', 3, 'piece', { text: 'ne' });
  server.tell('a', 7, 'piece', { text: ' two' });
  await quiet();
  expect([first.read.text, second.read.text]).toEqual(['One two', 'One two']);
});

test('when the tab that leads closes, another one goes on from where each reader is', async () => {
  const { server, locks, relays } = browser(2);
  const { read } = reading(relays[1]!, 'a');
  await quiet();
  server.tell('a', 3, 'piece', { text: 'One' });
  await quiet();
  locks.pass();
  await quiet();
  expect(server.asked.at(-1)).toEqual(['a:3']);
  server.tell('a', 7, 'piece', { text: ' two' });
  await quiet();
  expect([read.text, read.lost]).toEqual(['One two', 0]);
});

test('a broken connection is told to every tab, and all read on', async () => {
  const { server, lost, relays } = browser(2);
  const readers = relays.map((tab) => reading(tab, 'a'));
  await quiet();
  server.tell('a', 3, 'piece', { text: 'One' });
  await quiet();
  server.close();
  await quiet();
  expect(lost).toHaveBeenCalledTimes(2);
  expect(server.asked.at(-1)).toEqual(['a:3']);
  server.tell('a', 7, 'piece', { text: ' two' });
  await quiet();
  expect(readers.map(({ read }) => [read.text, read.lost])).toEqual([
    ['One two', 1],
    ['One two', 1],
  ]);
});

test('a refused turn is refused to its reader alone', async () => {
  const { server, relays } = browser(2);
  const [gone, there] = [reading(relays[1]!, 'gone'), reading(relays[1]!, 'a')];
  await quiet();
  server.tell('gone', 0, 'refused', { message: 'There is no such turn.' });
  server.tell('a', 3, 'piece', { text: 'One' });
  await quiet();
  expect(gone.read.error).toBeInstanceOf(ApiError);
  expect(there.read.text).toBe('One');
});

test('a tab that no longer reads hears nothing, and the others do', async () => {
  const { server, relays } = browser(2);
  const [left, stays] = relays.map((tab) => reading(tab, 'a'));
  await quiet();
  left!.abort();
  await quiet();
  server.tell('a', 3, 'piece', { text: 'One' });
  await quiet();
  expect([left!.read.text, stays!.read.text]).toEqual(['', 'One']);
});

test('a browser without locks has a connection for each answer', async () => {
  const server = new Server();
  const relay = new Relay(server.wire.api, () => {}, undefined);
  relay.open('a', 2, new AbortController().signal).catch(() => {});
  await quiet();
  expect(server.wire.asked).toEqual(['GET /app/v1/turns/a/stream']);
});
