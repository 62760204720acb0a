/** What the page says about documents. */
import type { Abstract, Document, DocumentKind, Quote } from '../lib/api';
import { bytes, count, whole } from './format';

const kinds: Record<DocumentKind, string> = {
  pdf: 'PDF',
  docx: 'Word document',
  text: 'text',
  markdown: 'Markdown',
  html: 'web page',
  csv: 'table',
  code: 'source code',
};

export const documents = {
  addDocuments: 'Add documents',
  dropHere: 'Drop files here, or',
  chooseFiles: 'Choose files',
  readKinds: 'PDF, Word, text, Markdown, web pages, tables and source code are read.',
  noDocument: 'No document yet. Add one, and ask about what stands in it.',
  documentsFailed: 'The documents could not be loaded.',
  documentMissing: 'This document is not here. It may have been deleted.',
  documentFailed: 'The document could not be loaded.',
  olderDocuments: 'Show older ones',
  uploads: 'Being added',
  sent: (part: number) => `${whole.format(part * 100)}\u00a0% sent`,
  reading: 'reading',
  stopUpload: (name: string) => `Stop adding ${name}`,
  dismiss: (name: string) => `Dismiss ${name}`,
  uploadFailed: 'It did not arrive. Try again.',
  uploaded: (document: Document) =>
    `${document.name} is read: ${count(document.page_count, 'page')}.`,
  documentFacts: (document: Document) =>
    [
      kinds[document.kind],
      count(document.page_count, 'page'),
      count(document.passages, 'passage'),
      ...(document.tables ? [count(document.tables, 'table')] : []),
      bytes(document.size_bytes),
    ].join(', '),
  documentShort: (document: Document) =>
    `${kinds[document.kind]}, ${count(document.page_count, 'page')}, ${bytes(document.size_bytes)}`,
  warnings: 'What to know',
  summary: 'Its most telling sentences',
  summaryNone: 'It is too short for a summary.',
  abstract: 'In the words of a larger model',
  abstractBy: ({ model, characters, left_out }: Abstract, of: number) =>
    [
      `Written by ${model}, which was shown ${
        characters >= of
          ? 'all of it'
          : `its first ${whole.format(characters)} of ${whole.format(of)} characters`
      }.`,
      'Checked against that: only sentences whose names, numbers and telling words stand there are kept;',
      left_out
        ? `${count(left_out, 'other')} ${left_out === 1 ? 'was' : 'were'} left out.`
        : 'none had to be left out.',
    ].join(' '),
  summarizer: 'Model that summarises',
  summarizeWith: (model: string) => `Summarise with ${model}`,
  summarizeAgain: (model: string) => `Summarise again with ${model}`,
  summarizeNote: (model: string) => `Its text is sent to ${model.split('/', 1)[0] ?? ''}.`,
  summarizing: (model: string) => `${model} is reading it. That can take minutes.`,
  summarized: (model: string) => `${model} has summarised it.`,
  findSummarizer: 'Look for a model that can summarise it',
  findSummarizerNote:
    'The servers of other models are asked what they have; nothing of the document is sent.',
  noSummarizer: 'None of the servers answered with a model.',
  summarizerNone:
    'A larger model could summarise it in its own words, checked against the text. Name a server of one:',
  whatWasRead: 'What was read',
  pageOf: (number: number, of: number) => `Page ${whole.format(number)} of ${whole.format(of)}`,
  pageBefore: 'Page before',
  pageAfter: 'Page after',
  pageEmpty: 'There is no text on this page.',
  pageFailed: 'The page could not be loaded.',
  pageNumber: (number: number) => `page ${whole.format(number)}`,
  toDocuments: 'All documents',
  askDocuments: 'Ask your documents',
  askDocument: 'Ask this document',
  ask: 'Ask',
  asking: 'Looking it up',
  nearest: 'The nearest passages',
  deleteDocument: 'Delete',
  deleteDocumentQuestion: (name: string) =>
    `Delete ${name}? Its text, passages and index are erased at once.`,
  documentDeleted: (name: string) => `${name} is erased.`,
  learnDocument: 'Learn this document',
  learnDocumentNote:
    'Documents never teach by themselves. Then its passages do, as a conversation.',
  learningDocument: (name: string) => `${name} waits for the next lessons.`,
  documentLearned: 'It teaches, as a conversation.',
  chatAbout: 'Talk about it',
  openPlace: ({ name, page }: Quote) => `${name}, page ${whole.format(page)}`,
  removedFile: 'This file was removed.',
  ofPassages: (n: number) => `1 of ${count(n, 'passage')}`,
  alsoIn: 'Also in',
  attachFiles: 'Attach documents',
  attachUpload: 'Add files from this machine',
  attached: 'Documents of this conversation',
  attachedNote: 'Answers are looked up in them first.',
  detach: (name: string) => `Remove ${name} from this conversation`,
  dropToAttach: 'Drop to attach to this conversation',
};
