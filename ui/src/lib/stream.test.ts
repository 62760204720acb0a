import { describe, expect, test } from 'vitest';
import { ApiError, type Turn } from './api';
import { characters, follow, join, type Progress } from './stream';

const answer = 'Hello, Пим 🐈 and 한국어.';
const finished = { id: 't', text: answer, status: 'complete' } as Turn;

/** The events of an answer after the first `after` characters, as the server writes them. */
function eventsAfter(after: number, until = characters(answer)): string {
  return Array.from(answer)
    .slice(after, until)
    .map(
      (letter, i) =>
        `id: ${after + i + 1}\nevent: piece\ndata: ${JSON.stringify({ text: letter })}\n\n`,
    )
    .join('');
}

const end = `event: end\ndata: ${JSON.stringify({ turn: finished })}\n\n`;

/** A response whose body arrives in chunks of `size` bytes and then closes or breaks. */
function response(text: string, size: number, breaks = false): Response {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  return new Response(
    new ReadableStream({
      pull(controller) {
        if (at < bytes.length) controller.enqueue(bytes.slice(at, (at += size)));
        else if (breaks) controller.error(new TypeError('network error'));
        else controller.close();
      },
    }),
  );
}

async function read(open: (after: number) => Promise<Response>, have = ''): Promise<Progress[]> {
  let waits = 0;
  const wait = () =>
    ++waits < 20 ? Promise.resolve() : Promise.reject(new Error('it never ends'));
  const patience = { wait, silenceMs: 1000 };
  const seen: Progress[] = [];
  for await (const progress of follow(open, have, new AbortController().signal, patience))
    seen.push(progress);
  return seen;
}

const lastText = (seen: Progress[]) => seen.filter((p) => p.kind === 'text').at(-1)?.text;

describe('an answer is read whole', () => {
  test.each([1, 2, 3, 7, 1000])('when its bytes arrive %i at a time', async (size) => {
    const seen = await read(() => Promise.resolve(response(eventsAfter(0) + end, size)));
    expect(lastText(seen)).toBe(answer);
    expect(seen.at(-1)).toEqual({ kind: 'end', turn: finished });
  });

  test.each([0, 1, 8, 12, 13, 20])(
    'when the connection breaks after %i characters',
    async (broken) => {
      const asked: number[] = [];
      const seen = await read((after) => {
        asked.push(after);
        return Promise.resolve(
          asked.length === 1
            ? response(eventsAfter(0, broken), 5, true)
            : response(eventsAfter(after) + end, 5),
        );
      });
      expect(asked).toEqual([0, broken]);
      expect(lastText(seen)).toBe(answer);
      expect(seen.filter(({ kind }) => kind === 'lost')).toHaveLength(1);
    },
  );

  test('when the server cannot be reached for a while', async () => {
    let attempts = 0;
    const seen = await read((after) => {
      if (++attempts < 8) return Promise.reject(new TypeError('refused'));
      return Promise.resolve(response(eventsAfter(after) + end, 50));
    });
    expect(lastText(seen)).toBe(answer);
  });

  test('when part of it was known before, which is not asked for again', async () => {
    const asked: number[] = [];
    const seen = await read((after) => {
      asked.push(after);
      return Promise.resolve(response(eventsAfter(after) + end, 50));
    }, 'Hello, Пим 🐈');
    expect(asked).toEqual([12]);
    expect(lastText(seen)).toBe(answer);
  });

  test('when the server sends more than was asked for', async () => {
    const seen = await read(
      () => Promise.resolve(response(eventsAfter(0) + end, 50)),
      'Hello, Пим 🐈',
    );
    expect(lastText(seen)).toBe(answer);
  });

  test('when a piece is missing, by asking again', async () => {
    let attempts = 0;
    const seen = await read((after) =>
      Promise.resolve(
        response(
          ++attempts === 1 ? eventsAfter(0, 3) + eventsAfter(5) : eventsAfter(after) + end,
          50,
        ),
      ),
    );
    expect(attempts).toBe(2);
    expect(lastText(seen)).toBe(answer);
  });
});

test('a snapshot replaces what was there', async () => {
  const snapshot = `id: 3\nevent: snapshot\ndata: {"text": "Hel"}\n\n`;
  const seen = await read(
    () => Promise.resolve(response(snapshot + end, 50)),
    'Hello, lost in the crash',
  );
  expect(lastText(seen)).toBe('Hel');
});

test('comments and unknown events change nothing', () => {
  expect(join('Hel', { id: '9', event: 'later', data: '{"text": "x"}' })).toBe('Hel');
});

test('a refusal ends it instead of being tried for ever', async () => {
  const refusal = new ApiError(404, 'not_found', 'There is no such turn.');
  await expect(read(() => Promise.reject(refusal))).rejects.toBe(refusal);
});

test('a connection that falls silent is given up and opened anew', async () => {
  const patience = { wait: () => Promise.resolve(), silenceMs: 5 };
  let attempts = 0;
  const open = (after: number) =>
    Promise.resolve(
      ++attempts === 1
        ? new Response(new ReadableStream())
        : response(eventsAfter(after) + end, 50),
    );
  const seen: Progress[] = [];
  for await (const progress of follow(open, '', new AbortController().signal, patience))
    seen.push(progress);
  expect(seen[0]).toEqual({ kind: 'lost' });
  expect(lastText(seen)).toBe(answer);
});

test('leaving the conversation ends the reading', async () => {
  const leave = new AbortController();
  const reading = follow(
    () => Promise.resolve(new Response(new ReadableStream())),
    '',
    leave.signal,
  );
  const next = reading.next();
  leave.abort();
  await expect(next).rejects.toThrow();
});

test('characters are code points, as the server counts them', () => {
  expect(characters('a🐈é한')).toBe(4);
  expect(characters('\ud83d')).toBe(1);
});
