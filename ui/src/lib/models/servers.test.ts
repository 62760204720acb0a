import { beforeEach, expect, test } from 'vitest';
import type { Provider } from '../api';
import { Shelf } from '../shell/shelf';
import { Tabs } from '../shell/tabs';
import { aConversation, anAnswer, aTurn, refusal, settle, Wire } from '../wire.testing';
import { Comparison } from './comparison.svelte';
import { Relay } from '../relay';
import { Servers } from './servers.svelte';

const home: Provider = {
  name: 'home',
  kind: 'openai',
  url: 'http://box:8080/v1',
  key: 'none',
  window: null,
  fixed: false,
};
const check = 'POST /app/v1/providers/home/check';
const answered = { ok: true, message: 'It has 1 model.', models: [{ name: 'home/qwen' }] };
const routes = { 'GET /app/v1/providers': { providers: [home] }, [check]: answered };

beforeEach(() => localStorage.clear());

test('nobody is asked anything until a person reaches for it', async () => {
  const wire = new Wire(routes);
  const servers = new Servers(wire.api, new Shelf());
  await servers.load();
  expect(wire.count(check)).toBe(0);
  await servers.checkAll();
  await servers.checkAll();
  expect(wire.count(check)).toBe(1);
  expect(servers.models).toEqual(['home/qwen']);
});

test('models seen before can be picked at once, until their server is removed', async () => {
  const before = new Servers(new Wire(routes).api, new Shelf());
  await before.load();
  await before.check('home');
  let providers = [home];
  const wire = new Wire({ 'GET /app/v1/providers': () => ({ providers }) });
  const after = new Servers(wire.api, new Shelf());
  await after.load();
  expect(after.models).toEqual(['home/qwen']);
  providers = [];
  await after.load();
  expect(after.models).toEqual([]);
});

test('a server that is away keeps its message and the models it had', async () => {
  let answer: object = answered;
  const servers = new Servers(new Wire({ ...routes, [check]: () => answer }).api, new Shelf());
  await servers.load();
  await servers.check('home');
  answer = { ok: false, message: 'home does not answer.', models: [] };
  await servers.check('home');
  expect(servers.checks.home?.message).toBe('home does not answer.');
  expect(servers.models).toEqual(['home/qwen']);
});

test('each model answers in a temporary conversation of its own, which goes with the comparison', async () => {
  const begun: unknown[] = [];
  const wire = new Wire({
    'POST /app/v1/conversations': ({ body }: { body: { model: string } }) => {
      begun.push(body);
      if (body.model === 'away/one') return refusal(503, 'busy', 'It does not answer.');
      return aConversation({ id: 'c1', temporary: true });
    },
    'POST /app/v1/conversations/c1/turns': { user: aTurn(), answer: anAnswer() },
    'DELETE /app/v1/conversations/c1': () => new Response(null, { status: 204 }),
  });
  const comparison = new Comparison(wire.api, new Tabs(), new Relay(wire.api));
  await comparison.ask('Hello', ['le', 'away/one']);
  await settle();
  expect(begun).toEqual([
    { model: 'le', temporary: true },
    { model: 'away/one', temporary: true },
  ]);
  expect(comparison.columns.map(({ refused }) => refused)).toEqual([null, 'It does not answer.']);
  expect(comparison.columns[0]?.thread.turns).toHaveLength(2);
  await comparison.clear();
  expect(wire.count('DELETE /app/v1/conversations/c1')).toBe(1);
});
