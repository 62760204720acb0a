import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { messages as m } from '../../messages';
import { frame } from './frame';
import { places } from './places';
import { href, parse, type Route } from './route.svelte';

const script = readFileSync('public/first.js', 'utf8');
const root = document.documentElement;

/** Runs what the document runs before it is painted, at an address. */
function first(address: string): void {
  location.hash = address;
  window.eval(script);
}

afterEach(() => {
  localStorage.clear();
  for (const name of ['view', 'panel', 'theme']) delete root.dataset[name];
});

test('the frame has every view by its name, in order, and leads there', () => {
  const parsed = new DOMParser().parseFromString(frame(), 'text/html');
  const links = [...parsed.querySelectorAll('nav a')];
  expect(links.map((link) => link.textContent)).toEqual(places.map(({ view }) => m[view]));
  expect(links.map((link) => parse(link.getAttribute('href') ?? '').view)).toEqual(
    places.map(({ view }) => view),
  );
  expect(parsed.querySelectorAll('script, style, [style], [onclick]')).toHaveLength(0);
});

test('what is painted first is of the view the address names', () => {
  const routes: Route[] = [
    { view: 'chat', conversation: 'c1', turn: null },
    { view: 'learning', lesson: 3 },
    { view: 'documents', document: 'd', page: 2, quote: null },
    { view: 'notebook', note: 'n' },
    { view: 'models' },
    { view: 'dreams' },
    { view: 'compare', prompt: 'x' },
    { view: 'glass', turn: 't' },
    { view: 'settings' },
  ];
  for (const address of [...routes.map(href), '', '#/', '#/nonsense', '#/learningx', '#models']) {
    first(address);
    expect(root.dataset.view, address).toBe(parse(address).view);
  }
});

test('the theme and the panel are as somebody left them', () => {
  first('#/');
  expect([root.dataset.theme, root.dataset.panel]).toEqual([undefined, undefined]);
  localStorage.setItem('l2c.preferences', JSON.stringify({ theme: 'dark', panel: false }));
  first('#/');
  expect([root.dataset.theme, root.dataset.panel]).toEqual(['dark', 'off']);
});

test.each(['nonsense', 'null', '{"theme": "<script>"}'])(
  'what is kept as %s changes nothing',
  (kept) => {
    localStorage.setItem('l2c.preferences', kept);
    first('#/');
    expect(root.dataset.theme).toBeUndefined();
  },
);
