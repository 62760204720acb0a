import { expect, test, vi } from 'vitest';
import type { Api, Fact } from '../api';
import { messages as m } from '../../messages';
import { MemoryList } from './memory.svelte';

const fact: Fact = {
  id: '1',
  subject: 'sister',
  relation: 'name',
  value: 'Mirela',
  said: 'My sister is called Mirela',
  history: [],
  edited: false,
  told_at: '2026-11-21T12:00:00Z',
  turn_id: 't',
  conversation_id: 'c',
};

const serving = (facts: Fact[]) => ({
  memory: vi.fn(() => Promise.resolve({ facts })),
  changeFact: vi.fn((id: string, value: string) => Promise.resolve({ ...fact, id, value })),
  forgetFact: vi.fn(() => Promise.resolve(null)),
});

test('a fact is mended in place', async () => {
  const api = serving([fact]);
  const list = new MemoryList(api as unknown as Api);
  await list.load();
  await list.change(fact, 'Mila');
  expect(list.items.map(({ value }) => value)).toEqual(['Mila']);
});

test('what was forgotten is asked for anew', async () => {
  const api = serving([fact]);
  const list = new MemoryList(api as unknown as Api);
  await list.load();
  api.memory.mockResolvedValue({ facts: [] });
  await list.forget(fact);
  expect(api.forgetFact).toHaveBeenCalledWith('1');
  expect(list.items).toEqual([]);
});

test('a memory that cannot be loaded says so, and one that was loaded stays', async () => {
  const api = serving([fact]);
  api.memory.mockRejectedValueOnce(new Error('away'));
  const list = new MemoryList(api as unknown as Api);
  await expect(list.load()).rejects.toThrow();
  expect(list.state).toBe('failed');
  await list.load();
  api.memory.mockRejectedValueOnce(new Error('away'));
  await expect(list.load()).rejects.toThrow();
  expect([list.state, list.items.length]).toEqual(['ready', 1]);
});

test('the mark of a remembered answer says when it was told', () => {
  expect(m.youTold(fact.told_at)).toMatch(/^you told me on .*2026/);
  expect(m.youToldThat('I row.', fact.told_at)).toMatch(/^told on .*2026: “I row.”$/);
});
