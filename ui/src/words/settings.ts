/** What the page says about servers of other models, and about taking conversations out and in. */
import type { ExportFormat, Imported, ImportSum, Provider } from '../lib/api';
import { count } from './format';

const outcomes: Record<Imported['outcome'], string> = {
  added: 'added',
  extended: 'went on',
  unchanged: 'was there already',
  refused: 'refused',
};

export const settings = {
  // servers of other models
  servers: 'Servers of other models',
  serversSentence:
    'What you write to one of their models is sent there. They are asked nothing until you do, or test them.',
  noServer: 'None. Name one to talk to its models.',
  serversFailed: 'The servers could not be loaded.',
  serverAway: 'does not answer',
  serverAsked: 'asking',
  serverUnasked: 'not asked yet',
  test: 'Test',
  testing: 'Testing',
  testOf: (name: string) => `Test ${name}`,
  forgetServer: 'Remove',
  forgetServerOf: (name: string) => `Remove ${name}`,
  fixedServer: 'from the settings',
  serverKinds: { ollama: 'Ollama', openai: 'OpenAI’s dialect' },
  serverFacts: ({ kind, url, key }: Provider) =>
    `${settings.serverKinds[kind]} at ${url}${
      key === 'none' ? '' : `, key ${key === 'keyring' ? 'in the keyring' : `from ${key}`}`
    }`,
  addServer: 'Name a server',
  serverName: 'Name',
  serverNameNote: 'Its models are called name/model.',
  serverKind: 'It speaks',
  serverAddress: 'Address',
  serverKey: 'Key, if it wants one',
  serverKeyNote: 'It goes to the keyring of this machine and is not shown again.',
  serverVariable: 'or the variable that holds it',
  add: 'Add',
  remoteModels: (n: number) => count(n, 'model'),

  // export and import
  transfer: 'Export and import',
  exportAll: 'Export every conversation',
  exportFormat: 'Format',
  exportFormats: {
    json: 'JSON, with everything',
    markdown: 'Markdown',
    text: 'plain text',
    openai: 'OpenAI messages, JSONL',
    sharegpt: 'ShareGPT, JSONL',
  } satisfies Record<ExportFormat, string>,
  exportNote: 'JSON keeps every branch. The others hold the active one.',
  exportNow: 'Export',
  exportProfile: 'Everything in one archive',
  exportProfileNote: 'Conversations, checkpoints and the ledger of what was learned.',
  importTitle: 'Import',
  importNote:
    'Any of the formats above, or an export of ChatGPT: its ZIP, or its conversations.json.',
  importChoose: 'Choose a file',
  importLearn: 'Learn from what is imported',
  importing: (name: string) => `${name} is being read.`,
  importSum: (sum: ImportSum) =>
    [
      `${count(sum.added, 'conversation')} added`,
      ...(sum.extended ? [`${sum.extended} went on`] : []),
      ...(sum.unchanged ? [`${sum.unchanged} there already`] : []),
      ...(sum.refused ? [`${sum.refused} refused`] : []),
    ].join(', ') + '.',
  importReport: 'What became of each',
  importOutcome: ({ outcome, turns }: Imported) =>
    outcome === 'added' || outcome === 'extended'
      ? `${outcomes[outcome]}, ${count(turns, 'turn')}`
      : outcomes[outcome],
  importMore: (n: number) => `and ${count(n, 'more', 'more')}`,
  importBroke: 'The server ended before all of it was read. Import it again; nothing comes twice.',
};
