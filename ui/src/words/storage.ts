/** What the page says about the disk. */
import type { Storage, StoredKind } from '../lib/api';
import { bytes, count } from './format';

export const storage = {
  storageFailed: 'What is stored could not be counted.',
  storageSum: (taken: number, free: number) => `${bytes(taken)} taken, ${bytes(free)} free.`,
  diskKinds: {
    store: 'Conversations, documents and the ledger',
    copies: 'Copies of the store',
    checkpoints: 'Models and their versions',
    logs: 'Logs of conversations',
    dreams: 'Dreams',
    learner: 'What the learner goes on from',
    reserve: 'Reserve',
    other: 'Other files',
  } satisfies Record<StoredKind, string>,
  diskNotes: {
    copies: 'One a day, for a week. What is forgotten goes from them too.',
    checkpoints: 'Every lesson that was kept made one.',
    logs: 'Every conversation, as a file of its own.',
    dreams: 'Every dream, as a file of its own.',
    learner: 'So that an interrupted lesson goes on.',
    reserve: 'Given up when the disk is full, so that deleting still works.',
    other: 'Datasets, the core prompt, and what other programs put there.',
  } satisfies Record<Exclude<StoredKind, 'store'>, string>,
  storedDocuments: ({ count: n, characters }: Storage['documents']) =>
    n === 0
      ? 'No document is in it.'
      : `${count(n, 'document')} with ${count(characters, 'character')} of text ${n === 1 ? 'is' : 'are'} in it.`,
  freeNow: (n: number) => `Free ${bytes(n)}`,
  freeNote:
    'Older versions of your models, which neither answer nor are pinned. Their ledger stays, so they can be made again.',
  freed: (n: number) => `${bytes(n)} are free again.`,
  nothingToFree:
    'Nothing can be spared: every version here answers, was the one before, began a model, is pinned, or is less than an hour old.',
};
