import { flushSync, mount, unmount } from 'svelte';
import { afterEach, describe, expect, test } from 'vitest';
import Markdown from './Markdown.svelte';
import { parse, safeAddress } from './parse';

let shown: ReturnType<typeof mount> | undefined;

function show(text: string): HTMLElement {
  document.body.replaceChildren();
  shown = mount(Markdown, { target: document.body, props: { text } });
  flushSync();
  return document.body;
}

afterEach(async () => {
  if (shown) await unmount(shown);
  shown = undefined;
});

describe('what an answer may say', () => {
  test('paragraphs, emphasis, code and lists become their elements', () => {
    const page = show('One *two* **three** `four` ~~five~~\n\n- six\n- seven\n\n3. eight');
    expect(page.querySelector('em')?.textContent).toBe('two');
    expect(page.querySelector('strong')?.textContent).toBe('three');
    expect(page.querySelector('p code')?.textContent).toBe('four');
    expect(page.querySelector('del')?.textContent).toBe('five');
    expect([...page.querySelectorAll('ul li')].map((item) => item.textContent?.trim())).toEqual([
      'six',
      'seven',
    ]);
    expect(page.querySelector('ol')?.getAttribute('start')).toBe('3');
  });

  test('a heading of an answer stands below the heading of its turn', () => {
    const page = show('# Title\n\n###### Small');
    expect(page.querySelector('h3')?.textContent?.trim()).toBe('Title');
    expect(page.querySelector('h6')?.textContent?.trim()).toBe('Small');
    expect(page.querySelector('h1, h2')).toBeNull();
  });

  test('a code fence that is still open is shown as code', () => {
    const page = show('Look:\n\n```python\nprint("hi")\nprint(');
    expect(page.querySelector('pre code')?.textContent).toBe('print("hi")\nprint(');
    expect(page.querySelector('figcaption .small')?.textContent).toBe('python');
  });

  test('a table keeps its columns', () => {
    const page = show('| a | b |\n|---|--:|\n| 1 | 2 |');
    expect([...page.querySelectorAll('th')].map((cell) => cell.textContent)).toEqual(['a', 'b']);
    expect(page.querySelector('td.right')?.textContent).toBe('2');
  });

  test('entities are decoded once', () => {
    expect(show('5 &lt; 6 &amp;amp; &eacute;').textContent).toContain('5 < 6 &amp; é');
  });

  test('a web address becomes a link that tells the other side nothing', () => {
    const link = show('[here](https://example.org/a?b=1)').querySelector('a');
    expect(link?.getAttribute('href')).toBe('https://example.org/a?b=1');
    expect(link?.getAttribute('rel')).toBe('noopener noreferrer');
  });

  test('a reference finds its definition', () => {
    expect(show('[the text][x]\n\n[x]: https://example.org/').querySelector('a')?.href).toBe(
      'https://example.org/',
    );
  });
});

describe('what an answer may not do', () => {
  test.each([
    '<script>window.hit = 1</script>',
    '<img src=x onerror="window.hit = 1">',
    'text <b onmouseover="window.hit = 1">bold</b> text',
    '<svg><script>window.hit = 1</script></svg>',
    '<iframe srcdoc="<script>parent.hit = 1</script>"></iframe>',
    '- <img src=x onerror=hit()>\n\n> <script>hit()</script>',
    '| <img src=x onerror=hit()> |\n|---|\n| <script>hit()</script> |',
  ])('%s stays visible text', (hostile) => {
    const page = show(hostile);
    expect(page.querySelector('script, img, svg, iframe, b')).toBeNull();
    expect(page.textContent).toContain(/<\w+/.exec(hostile)?.[0]);
    expect('hit' in window).toBe(false);
  });

  test.each([
    '[a](javascript:alert(1))',
    '[a](JaVaScRiPt:alert(1))',
    '[a](&#106;avascript:alert(1))',
    '[a](java&#x0A;script:alert(1))',
    '[a](data:text/html;base64,PHNjcmlwdD4=)',
    '[a](vbscript:msgbox(1))',
    '[a](file:///etc/passwd)',
    '[a](blob:http://x/y)',
    '[a][x]\n\n[x]: javascript:alert(1)',
    '<javascript:alert(1)>',
    '[a](//example.org)',
    '[a](/app/v1/learning)',
    '[a](#/settings)',
  ])('%s becomes no link', (hostile) => {
    expect(show(hostile).querySelector('a')).toBeNull();
  });

  test('a picture is not fetched but named', () => {
    const page = show('![a cat](https://example.org/cat.png) ![](javascript:alert(1))');
    expect(page.querySelector('img')).toBeNull();
    expect(page.querySelector('a')?.textContent).toBe('image: a cat');
    expect(page.textContent).toContain('image: no description');
  });
});

test('an address is judged as the browser reads it', () => {
  expect(safeAddress(' \tjava\nscript:alert(1)')).toBeNull();
  expect(safeAddress('mailto:a@b.example')).toBe('mailto:a@b.example');
});

test('a long hostile text is parsed in bounded depth and does not raise', () => {
  expect(() => parse(`${'> '.repeat(300)}x ${'*a_'.repeat(500)}`)).not.toThrow();
});
