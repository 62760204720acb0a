import { expect, test } from 'vitest';
import { ApiError, Unreachable } from './api';
import { aConversation, refusal, Wire } from './wire.testing';

test('a refusal carries the words and the field of the server', async () => {
  const wire = new Wire({
    'PATCH /app/v1/conversations/c1': () =>
      Response.json(
        { error: { type: 'invalid_input', message: '`title` is too long.', field: 'title' } },
        { status: 400 },
      ),
  });
  const failure = await wire.api
    .changeConversation('c1', { title: 'x' })
    .catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ApiError);
  expect(failure).toMatchObject({
    status: 400,
    type: 'invalid_input',
    message: '`title` is too long.',
    field: 'title',
  });
});

test('a busy server says when to come back', async () => {
  const wire = new Wire({
    'GET /app/v1/session': () => refusal(503, 'busy', 'Too much is waiting.', 7),
  });
  await expect(wire.api.session()).rejects.toMatchObject({ type: 'busy', retryAfterS: 7 });
});

test('nobody there and a proxy answering for the server are the same thing', async () => {
  const heard: boolean[] = [];
  const wire = new Wire({
    'GET /app/v1/session': () => new Response('<h1>Bad gateway</h1>', { status: 502 }),
  });
  wire.api.heard = (reached) => heard.push(reached);
  await expect(wire.api.session()).rejects.toBeInstanceOf(Unreachable);
  wire.cut = true;
  await expect(wire.api.session()).rejects.toBeInstanceOf(Unreachable);
  expect(heard).toEqual([false, false]);
});

test('a refusal still means that the server is there', async () => {
  const heard: boolean[] = [];
  const wire = new Wire();
  wire.api.heard = (reached) => heard.push(reached);
  await expect(wire.api.session()).rejects.toBeInstanceOf(ApiError);
  expect(heard).toEqual([true]);
});

test('an id from outside cannot reach another route', async () => {
  const wire = new Wire({
    'GET /app/v1/conversations/..%2Flearning': { conversation: aConversation(), turns: [] },
  });
  await wire.api.conversation('../learning');
  expect(wire.asked).toEqual(['GET /app/v1/conversations/..%2Flearning']);
});

test('a deletion has no body to read', async () => {
  const wire = new Wire({
    'DELETE /app/v1/conversations/c1': () => new Response(null, { status: 204 }),
  });
  await expect(wire.api.deleteConversation('c1')).resolves.toBeNull();
});
