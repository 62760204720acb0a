import { expect, test } from 'vitest';
import { messages as m } from '../../messages';

test('what is stored is said with its figures', () => {
  expect(m.storageSum(49_400_000, 91e9)).toBe('49.4 MB taken, 91 GB free.');
  expect(m.storedDocuments({ count: 1, characters: 21_840 })).toBe(
    '1 document with 21,840 characters of text is in it.',
  );
  expect(m.storedDocuments({ count: 0, characters: 0 })).toBe('No document is in it.');
  expect(m.freeNow(35_200_000)).toBe('Free 35.2 MB');
});
