import type { Nodes } from 'mdast';
import { expect, test } from 'vitest';
import { Growing } from './growing';
import { parse } from './parse';

/** A tree without the places where its nodes stood: the rest of a text begins on a line of its own. */
const bare = (node: unknown): unknown =>
  JSON.parse(
    JSON.stringify(node, (key, value: unknown) => (key === 'position' ? undefined : value)),
  );

const texts = [
  'One line.\n\nAnother *with* emphasis\nand a second line.\n\n# Heading\n\nEnd',
  '- one\n- two\n- three\n- four **strong**\n- five\n\nAnd words.',
  '- one\n\n- two\n- three\n- four\n- five',
  '- one\n- two\n- three\n- four\n\n- five\n- six\n',
  '1. one\n2. two\n3. three\n\n   in three\n4. four\n5. five\n10. ten\n\n---\n\n3. again\n4. four\n5. more',
  '- a\n  - deep\n  - deeper\n- b\n\n  words of b\n- c\n- d\n- ---\n- e',
  '- a\n- b\n- c\n* d\n* e\n* f\n1) g\n2) h\n3) i\n',
  '- a\n- b\n- c\n-\n- d\n---\nx\n-',
  'Words\n=====\nmore\n---\n\n> quoted\nlazy\n> > deep\n\n    code\n\n```py\nx = 1\n\n- no list\n```\n~~~\nopen',
  '| a | b |\n|---|--:|\n| 1 | 2 |\n| 3 | 4 |\n\nafter\n| not | a table |',
  'A price of $5 and \\(x^2\\) and\n\n\\[\ny = 1\n\\]\n\n$$\nz\n$$\n\nthen $a$ and $6.',
  'See [one][a] and [two](http://x.y).\n\n- [a]\n- b\n- c\n- d\n\n[a]: http://z.z\n\nAnd [a] again.',
  '<div>\n\n**html**\n\n</div>\n\n<!-- a\n\nb -->\n\nend',
  'a\r\n\r\n- b\r\n- c\r\n- d\r\n- e\r\rf\r\n',
  '\ufeffbegun\n\n\ufeff- a\n- b\n- c\n',
  '-\ta\n-\tb\n\n\tin b\n-\tc\n-\td\n   - e\n',
  'para\n#not a heading\n# one\n> q\n<b><b> lazy\n> q\n#lazy too\n\n#\n\n#x\n- a\n- b\n- c\n#y',
  'para\n2. not a list\n\n2. a list\n3. c\n4. d\n5. e\npara',
];

test.each(texts)('at every letter the tree is the one of the whole text: %j', (text) => {
  const growing = new Growing();
  for (let end = 0; end <= text.length; end++) {
    const beginning = text.slice(0, end);
    expect(bare(growing.parse(beginning).blocks), JSON.stringify(beginning)).toEqual(
      bare(parse(beginning).blocks),
    );
  }
});

test('so it is for whatever is put together of pieces of Markdown', () => {
  const pieces = [
    ...['- ', '* ', '1. ', '2) ', '\n', '\n\n', '  ', '    ', '> ', '# ', 'word ', '**', '`'],
    ...['#', '<!-- ', '-->', '>', '- - ', '~~~', 'a', '\r\n', '+ ', '_', '3. ', '[', '](u)'],
    ...['```\n', '---', '===', '| a ', '|-', '$', '\\(', '\\)', '<b>', '\t', '[x]', '\\[', '\\]'],
  ];
  let seed = 7;
  const any = () => pieces[(seed = (seed * 48271) % 2147483647) % pieces.length] ?? '';
  for (let round = 0; round < 20; round++) {
    const growing = new Growing();
    let text = '';
    for (let n = 0; n < 40; n++) {
      text += any();
      expect(bare(growing.parse(text).blocks), JSON.stringify(text)).toEqual(
        bare(parse(text).blocks),
      );
    }
  }
});

test('what is settled stays the same nodes, of a list too', () => {
  const growing = new Growing();
  const before = growing.parse('Words.\n\n- one\n- two\n- three\n- four').blocks;
  const after = growing.parse('Words.\n\n- one\n- two\n- three\n- four and more').blocks;
  expect(after[0]).toBe(before[0]);
  const items = (of: Nodes | undefined) => (of?.type === 'list' ? of.children : []);
  expect(items(after[1])).toHaveLength(4);
  expect(items(after[1])[0]).toBe(items(before[1])[0]);
});

test('another text is another tree', () => {
  const growing = new Growing();
  growing.parse('One.\n\nTwo.');
  expect(bare(growing.parse('Else').blocks)).toEqual(bare(parse('Else').blocks));
});
