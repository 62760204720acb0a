import type { Nodes } from 'mdast';
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { colour } from './colour';
import Markdown from './Markdown.svelte';
import { parse, safeAddress } from './parse';

// The page has its document type; the tests' document does not tell, and KaTeX asks when it loads.
vi.hoisted(() => Object.defineProperty(document, 'compatMode', { value: 'CSS1Compat' }));

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

describe('formulas', () => {
  /** What is drawn as a formula, each with whether it stands by itself. */
  const formulas = (text: string) => {
    const found: [string, boolean][] = [];
    const walk = (nodes: Nodes[]): void => {
      for (const node of nodes) {
        if (node.type === 'math') found.push([node.value, true]);
        else if (node.type === 'inlineMath') found.push([node.value, node.data?.display ?? false]);
        else if ('children' in node) walk(node.children);
      }
    };
    walk(parse(text).blocks);
    return found;
  };

  test.each<[string, [string, boolean][]]>([
    ['Let $a_1 + b_1$ be.', [['a_1 + b_1', false]]],
    ['Let \\(a_1 * b_1 * c\\) be.', [['a_1 * b_1 * c', false]]],
    ['$$\nx^2\n$$', [['x^2', true]]],
    ['So \\[\n x = \\frac{1}{2}\n\\] holds.', [['x = \\frac{1}{2}', true]]],
    ['So $$x$$ holds.', [['x', true]]],
    ['It costs $5 and $6.', []],
    ['From $5 to $10, or $ 3 $.', []],
    ['`\\(x\\)` and\n```\n\\[y\\] $z$\n```', []],
    ['No \\(formula begins here.', []],
  ])('%j holds %j', (text, found) => {
    expect(formulas(text)).toEqual(found);
  });

  test('prices stay as they were written', () => {
    expect(show('It costs $5 and $6.').textContent?.trim()).toBe('It costs $5 and $6.');
  });

  test('are drawn as nodes, with MathML for who listens', async () => {
    const page = show('Half: $\\frac{1}{2}$ and $$\n\\sqrt{2}\n$$');
    expect(page.querySelector('p code')?.textContent).toBe('\\frac{1}{2}');
    await vi.waitFor(() => expect(page.querySelectorAll('.katex math')).toHaveLength(2));
    flushSync();
    expect(page.querySelector('mfrac')).not.toBeNull();
    expect(page.querySelector('p code')).toBeNull();
  });

  test.each([
    '$\\href{javascript:window.hit=1}{x}$',
    '$\\includegraphics{https://elsewhere.example/x.png}$',
    '$\\htmlData{onclick=hit()}{x}$',
    '$\\def\\a{\\a\\a}\\a$',
    '$\\frac{1$',
    `$${'x'.repeat(3000)}$`,
  ])('formula %$ draws nothing that it should not', async (hostile) => {
    const page = show(`${hostile} and $y$`);
    await vi.waitFor(() => expect(page.querySelector('.katex')).not.toBeNull());
    expect(page.querySelector('a, img, [onclick], [data-onclick]')).toBeNull();
  });
});

describe('code', () => {
  test('is coloured as nodes once it is fetched, and its text stays the same', async () => {
    const code = 'def f(x):  # <b>\n    return "<script>"';
    const page = show(`\`\`\`python\n${code}\n\`\`\``);
    expect(page.querySelector('pre code')?.textContent).toBe(code);
    await vi.waitFor(() => expect(page.querySelector('.hljs-keyword')?.textContent).toBe('def'));
    expect(page.querySelector('pre code')?.textContent).toBe(code);
    expect(page.querySelector('pre b, pre script')).toBeNull();
  });

  test('of an unknown language, or too long, stays plain', async () => {
    expect(await colour('x', 'no such language')).toBeNull();
    expect(await colour('x', 'brainfuck')).toBeNull();
    expect(await colour('x '.repeat(30_000), 'python')).toBeNull();
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
  expect(() => parse('\\(\\['.repeat(2000) + '$ $$'.repeat(500))).not.toThrow();
});
