import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Announcer } from './announcer.svelte';
import { Connection } from './connection.svelte';
import { Layers } from './layers';
import { Preferences } from './preferences.svelte';
import { chatAt, href, parse, type Route } from './route.svelte';
import { Shelf } from './shelf';

beforeEach(() => {
  localStorage.clear();
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

describe('the connection', () => {
  /** A server that is away until it is told to return. */
  function setUp() {
    const server = { away: true, asked: [] as number[] };
    const started = Date.now();
    const connection: Connection = new Connection(() => {
      server.asked.push(Date.now() - started);
      connection.heard(!server.away);
      return server.away ? Promise.reject(new Error('away')) : Promise.resolve();
    });
    return { server, connection };
  }

  test('is found again within 5 s of the server, however long it was away', async () => {
    const { server, connection } = setUp();
    const returned = vi.fn();
    connection.onReturn(returned);
    connection.heard(false);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(connection.reachable).toBe(false);
    server.away = false;
    await vi.advanceTimersByTimeAsync(5000);
    expect(connection.reachable).toBe(true);
    expect(returned).toHaveBeenCalledOnce();
  });

  test('is not asked for more often than every quarter of a second', async () => {
    const { server, connection } = setUp();
    for (let i = 0; i < 20; i++) connection.heard(false);
    await vi.advanceTimersByTimeAsync(10_000);
    const pauses = server.asked.map((at, i) => at - (server.asked[i - 1] ?? 0));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(250);
    expect(server.asked.length).toBeLessThan(10);
  });

  test('can be tried at once', async () => {
    const { server, connection } = setUp();
    connection.heard(false);
    await vi.advanceTimersByTimeAsync(20_000);
    server.away = false;
    await connection.retry();
    expect(connection.reachable).toBe(true);
  });
});

describe('the announcer', () => {
  const follow = (announcer: Announcer, text: string) => {
    const heard: string[] = [];
    for (let i = 1; i <= text.length; i++) {
      announcer.hear(text.slice(0, i));
      if (announcer.spoken !== heard.at(-1)) heard.push(announcer.spoken);
    }
    return heard.filter(Boolean);
  };

  test('speaks whole sentences, not letters', () => {
    const announcer = new Announcer();
    expect(follow(announcer, 'Pim is nine. She is afr')).toEqual(['Pim is nine.']);
  });

  test('speaks at most once in two seconds and leaves nothing out', async () => {
    const announcer = new Announcer();
    follow(announcer, 'One. Two. Three. Fo');
    expect(announcer.spoken).toBe('One.');
    await vi.advanceTimersByTimeAsync(1999);
    expect(announcer.spoken).toBe('One.');
    await vi.advanceTimersByTimeAsync(1);
    expect(announcer.spoken).toBe('Two. Three.');
    announcer.finish('One. Two. Three. Four', 'Answer finished, generated.');
    await vi.advanceTimersByTimeAsync(2000);
    expect(announcer.spoken).toBe('Four Answer finished, generated.');
  });

  test('does not speak again what was there before', () => {
    const announcer = new Announcer();
    announcer.begin('One. Tw');
    announcer.hear('One. Two. Three');
    expect(announcer.spoken).toBe('o.');
  });

  test('says the same sentence twice when it happens twice', async () => {
    const announcer = new Announcer();
    announcer.say('Copied');
    const first = announcer.spoken;
    await vi.advanceTimersByTimeAsync(2000);
    announcer.say('Copied');
    expect(announcer.spoken).not.toBe(first);
    expect(announcer.spoken.trim()).toBe('Copied');
  });
});

describe('the address', () => {
  test.each<Route>([
    { view: 'chat', conversation: null, turn: null },
    { view: 'chat', conversation: 'a/b ?#%', turn: null },
    { view: 'chat', conversation: 'c1', turn: 't1' },
    { view: 'learning', lesson: null },
    { view: 'learning', lesson: 41 },
    { view: 'models' },
    { view: 'settings' },
    { view: 'glass', turn: null },
    { view: 'glass', turn: 'a/1' },
    { view: 'compare', prompt: null },
    { view: 'compare', prompt: 'What is 50 % of #2/3?' },
  ])('of %j leads back to it', (route) => {
    expect(parse(href(route))).toEqual(route);
  });

  test.each(['', '#', '#/', '#/nowhere', '#/c/%E0%A4%A', '#javascript:alert(1)'])(
    '%j is a new chat',
    (hash) => {
      expect(parse(hash)).toEqual({ view: 'chat', conversation: null, turn: null });
    },
  );

  test('of a lesson takes numbers only', () => {
    expect(parse('#/learning/3x')).toEqual({ view: 'learning', lesson: null });
  });

  test('of a chat cannot leave the page', () => {
    expect(chatAt('javascript:alert(1)')).toMatch(/^#\//);
  });
});

describe('the shelf', () => {
  test('keeps things without the browser, for as long as the tab lives', () => {
    const shelf = new Shelf(null);
    shelf.put('draft.c1', 'words');
    expect(shelf.get('draft.c1')).toBe('words');
    expect(shelf.names('draft.')).toEqual(['draft.c1']);
    shelf.drop('draft.c1');
    expect(shelf.get('draft.c1')).toBeNull();
  });

  test('keeps things when the browser has no room left', () => {
    const full = {
      getItem: () => null,
      setItem: () => {
        throw new DOMException('', 'QuotaExceededError');
      },
      removeItem: () => {},
    };
    const shelf = new Shelf(full as unknown as Storage);
    shelf.put('draft.c1', 'words');
    expect(shelf.get('draft.c1')).toBe('words');
  });

  test('takes a value that no longer parses for absent', () => {
    localStorage.setItem('l2c.preferences', '{');
    expect(new Shelf().get('preferences')).toBeNull();
  });
});

test('the preferences survive a reload and a theme overrides the system', () => {
  const first = new Preferences(new Shelf());
  first.theme = 'dark';
  first.temperature = 0.3;
  expect(document.documentElement.dataset.theme).toBe('dark');
  const second = new Preferences(new Shelf());
  expect([second.theme, second.temperature, second.panel]).toEqual(['dark', 0.3, true]);
  second.theme = 'system';
  expect(document.documentElement.dataset.theme).toBeUndefined();
});

test('Escape closes the top layer, and a closed one is not closed again', () => {
  const closed: string[] = [];
  const layers = new Layers();
  const leave = layers.push(() => closed.push('drawer'));
  layers.push(() => closed.push('menu'));
  leave();
  expect([layers.closeTop(), layers.closeTop()]).toEqual([true, false]);
  expect(closed).toEqual(['menu']);
});
