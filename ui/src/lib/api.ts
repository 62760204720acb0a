/**
 * The server as the page sees it: its routes, written once. The contract is docs/reference/api.md.
 */
import type {
  Forgetting,
  Proof,
  Rules,
  RulesChange,
  Speaking,
  ThresholdName,
  Thresholds,
  Wish,
} from './learning/values';
import { path, query, Requests, type Query } from './request';
import type { Dream, Voice } from './dreams/values';
import type { Note, NoteInBrief, Suggestion } from './notes/values';
import type * as Values from './values';
import type { Conversation, Cursor, Folder, How, Learning, Model, Turn } from './values';

export { ApiError, Unreachable } from './request';
export type * from './dreams/values';
export type * from './learning/values';
export type * from './notes/values';
export type * from './values';

export interface NewTurn extends How {
  text: string;
  parent_id: string | null;
}

export interface Exchange {
  user: Turn;
  answer: Turn;
}

interface Thread {
  conversation: Conversation;
  turns: Turn[];
}

/** Which conversations a list is of; what is left out does not matter. */
export interface Among {
  archived?: boolean;
  pinned?: boolean;
  folder_id?: string;
  tag?: string;
  temporary?: boolean;
}

/** A remote server may have to load a model before it says anything, and a whole answer takes long. */
const remotePatienceMs = 60_000;

/** A remote model may read a long document before it writes a word. */
const summaryPatienceMs = 600_000;

/** The most answers the server tells of over one connection. */
const mostStreams = 64;

export class Api extends Requests {
  session = () => this.get<Values.Session>('/app/v1/session');
  health = () => this.get<Values.Health>('/health');

  conversations = (before: Cursor | null = null, among: Among = {}, limit = 50) =>
    this.get<{ conversations: Conversation[]; next: Cursor | null }>('/app/v1/conversations', {
      limit,
      before,
      ...among,
    });
  /** The branch through the turn `at`, or the active one. */
  conversation = (id: string, at: string | null = null) =>
    this.get<Thread>(path('conversations', id), { at });
  createConversation = (of: Values.NewConversation) =>
    this.send<Conversation>('POST', '/app/v1/conversations', of);
  changeConversation = (id: string, to: Values.ConversationChange) =>
    this.send<Conversation>('PATCH', path('conversations', id), to);
  deleteConversation = (id: string) => this.send<null>('DELETE', path('conversations', id));
  restoreConversation = (id: string) =>
    this.send<Conversation>('POST', path('conversations', id, 'restore'));
  /** A temporary conversation becomes a kept one. */
  keepConversation = (id: string) =>
    this.send<Conversation>('POST', path('conversations', id, 'keep'), {});
  /** Makes the branch through a turn the active one; `last` is the turn the page shows last. */
  branch = (id: string, turn: string, last: string | null) =>
    this.send<Thread>('POST', path('conversations', id, 'branch'), {
      turn_id: turn,
      last_turn_id: last,
    });
  window = (id: string) => this.get<Values.Window>(path('conversations', id, 'window'));
  search = (q: string, limit = 20) =>
    this.get<{ hits: Values.Hit[] }>('/app/v1/search', { q, limit });

  memory = () => this.get<{ facts: Values.Fact[] }>('/app/v1/memory');
  changeFact = (id: string, value: string) =>
    this.send<Values.Fact>('PATCH', path('memory', id), { value });
  forgetFact = (id: string) => this.send<null>('DELETE', path('memory', id));

  folders = () => this.get<{ folders: Folder[] }>('/app/v1/folders');
  createFolder = (name: string) => this.send<Folder>('POST', '/app/v1/folders', { name });
  renameFolder = (id: string, name: string) =>
    this.send<Folder>('PATCH', path('folders', id), { name });
  deleteFolder = (id: string) => this.send<null>('DELETE', path('folders', id));
  tags = () => this.get<{ tags: Values.Tag[] }>('/app/v1/tags');

  /** The same `key` always returns the same two turns, however often it is sent. */
  addTurn = (conversation: string, turn: NewTurn, key: string) =>
    this.speak(path('conversations', conversation, 'turns'), turn, key);
  /** Says a turn again in other words, or corrects an answer. */
  editTurn = (id: string, text: string, last: string | null, key: string, how: How = {}) =>
    this.speak(path('turns', id, 'edit'), { text, last_turn_id: last, ...how }, key);
  regenerate = (id: string, last: string | null, key: string, how: How = {}) =>
    this.speak(path('turns', id, 'regenerate'), { last_turn_id: last, ...how }, key);
  continueTurn = (id: string, last: string | null, key: string, how: How = {}) =>
    this.speak(path('turns', id, 'continue'), { last_turn_id: last, ...how }, key);
  turn = (id: string) => this.get<Turn>(path('turns', id));
  changeTurn = (id: string, to: Partial<Pick<Turn, 'learn' | 'pinned' | 'rating'>>) =>
    this.send<Turn>('PATCH', path('turns', id), to);
  versions = (id: string) => this.get<{ turns: Turn[] }>(path('turns', id, 'versions'));
  stopTurn = (id: string) => this.send<Turn>('POST', path('turns', id, 'stop'));

  /** An answer as its model reads it, or another one. */
  inspectTurn = (id: string, focus: Values.Focus = {}) =>
    this.get<Values.Reading>(path('turns', id, 'inspect'), { ...focus });
  /** A question about what a turn told, as the versions around its lesson answer it. */
  proof = (id: string) => this.get<Proof>(path('turns', id, 'proof'));
  /** The last of some messages as a version of a model reads it; nothing is stored. */
  inspect = (of: Values.ToInspect) => this.send<Values.Reading>('POST', '/app/v1/inspect', of);
  /** What the model writes after the first `after` characters of its answer; kept nowhere. */
  writeAgain = (id: string, after: number, temperature: number) =>
    this.send<{ text: string; seed: number; checkpoint: string }>(
      'POST',
      path('turns', id, 'inspect', 'again'),
      { after, temperature },
      {},
      remotePatienceMs,
    );

  /** An answer's events after the first `after` characters; the caller reads the body. */
  openStream = (id: string, after: number, signal: AbortSignal): Promise<Response> =>
    this.request(path('turns', id, 'stream') + query({ after }), {
      headers: { accept: 'text/event-stream' },
      signal,
    });

  /** The events of several answers over one connection, each after so many characters. */
  openStreams = (turns: ReadonlyMap<string, number>, signal: AbortSignal): Promise<Response> => {
    const wanted = [...turns].slice(-mostStreams).map(([id, after]) => ['turn', `${id}:${after}`]);
    return this.request(`/app/v1/stream?${new URLSearchParams(wanted).toString()}`, {
      headers: { accept: 'text/event-stream' },
      signal,
    });
  };

  documents = (before: Cursor | null = null, limit = 50) =>
    this.get<{ documents: Values.Document[]; next: Cursor | null }>('/app/v1/documents', {
      limit,
      before,
    });
  document = (id: string) => this.get<Values.Document>(path('documents', id));
  addDocument = (file: Blob, name: string, sent: (part: number) => void, signal: AbortSignal) =>
    this.put<Values.Document>(`/app/v1/documents${query({ name })}`, file, sent, signal);
  deleteDocument = (id: string) => this.send<null>('DELETE', path('documents', id));
  documentPage = (id: string, number: number) =>
    this.get<Values.DocumentPage>(path('documents', id, 'pages', String(number)));
  /** An answer from these documents, or from all. */
  ask = (question: string, documents?: string[]) =>
    this.send<Values.GroundedAnswer>('POST', '/app/v1/documents/ask', {
      question,
      ...(documents && { documents }),
    });
  learnDocument = (id: string) =>
    this.send<Values.Document>('POST', path('documents', id, 'learn'));
  /** What a model of another server says a document is about. */
  summarizeDocument = (id: string, model: string) =>
    this.send<Values.Document>(
      'POST',
      path('documents', id, 'summarize'),
      { model },
      {},
      summaryPatienceMs,
    );
  attached = (conversation: string) =>
    this.get<{ documents: Values.Document[] }>(path('conversations', conversation, 'documents'));
  attach = (conversation: string, document: string) =>
    this.send<null>('PUT', path('conversations', conversation, 'documents', document));
  detach = (conversation: string, document: string) =>
    this.send<null>('DELETE', path('conversations', conversation, 'documents', document));

  models = () => this.get<{ models: Model[] }>('/app/v1/models');
  model = (name: string) =>
    this.get<{ model: Model; checkpoints: Values.Checkpoint[] }>(path('models', name));
  promote = (name: string, checkpoint: string) =>
    this.send<Model>('POST', path('models', name, 'promote'), { checkpoint });
  pin = (name: string, checkpoint: string, pinned: boolean) =>
    this.send<{ model: Model; checkpoints: Values.Checkpoint[] }>(
      'POST',
      path('models', name, 'pin'),
      { checkpoint, pinned },
    );
  addModel = (file: Blob, name: string) =>
    this.sendFile<Model>(`/app/v1/models${query({ name })}`, file);
  deleteModel = (name: string) => this.send<null>('DELETE', path('models', name));
  /** A model as a file, under the name the server gives it. */
  exportModel = (name: string, format: Values.ModelForm, type: Values.Stored): Promise<Response> =>
    this.request(path('models', name, 'export') + query({ format, type }), {});
  trainings = () => this.get<{ trainings: Values.Training[] }>('/app/v1/trainings');
  train = (text: Blob, of: Values.NewTraining) =>
    this.sendFile<Values.Training>(`/app/v1/trainings${query({ ...of })}`, text);
  pauseTraining = (id: string) =>
    this.send<Values.Training>('POST', path('trainings', id, 'pause'));
  continueTraining = (id: string) =>
    this.send<Values.Training>('POST', path('trainings', id, 'continue'));
  deleteTraining = (id: string) => this.send<null>('DELETE', path('trainings', id));
  /** A smaller copy of a version of a model, as a model of its own. */
  quantise = (name: string, of: Values.ToQuantise) =>
    this.send<Model>('POST', path('models', name, 'quantise'), of, {}, remotePatienceMs);
  rebuild = (name: string) => this.send<Learning>('POST', path('models', name, 'rebuild'));

  notes = (before: number | null = null, limit = 50) =>
    this.get<{ notes: NoteInBrief[]; next: number | null }>('/app/v1/notes', { limit, before });
  note = (id: string) => this.get<Note>(path('notes', id));
  writeNote = (id: string, text: string, revision: number) =>
    this.send<Note>('PUT', path('notes', id), { text, revision });
  learnNote = (id: string) => this.send<Note>('POST', path('notes', id, 'learn'));
  unlearnNote = (id: string) => this.send<Note>('DELETE', path('notes', id, 'learn'));
  suggest = (before: string) => this.send<Suggestion>('POST', '/app/v1/notes/suggest', { before });

  dreams = (before: number | null = null, limit = 20) =>
    this.get<{ dreams: Dream[]; next: number | null }>('/app/v1/dreams', { limit, before });
  dream = (of: { model?: string }) =>
    this.send<{ dreams: Dream[] }>('POST', '/app/v1/dreams', of, {}, remotePatienceMs);
  keepDream = (id: string, kept: boolean) =>
    this.send<Dream>('PATCH', path('dreams', id), { kept });
  discardDream = (id: string) => this.send<null>('DELETE', path('dreams', id));

  voice = () => this.get<Voice>('/app/v1/voice');
  setVoice = (core_prompt: string) => this.send<Voice>('PUT', '/app/v1/voice', { core_prompt });

  account = () => this.get<Values.OwnAccount>('/app/v1/account');
  changePassword = (current: string, password: string) =>
    this.send<Values.OwnAccount>('PATCH', '/app/v1/account', { current, password });
  signOut = () => this.send<null>('POST', '/app/v1/logout');
  sessions = () => this.get<{ sessions: Values.SignedIn[] }>('/app/v1/sessions');
  endSession = (id: string) => this.send<null>('DELETE', path('sessions', id));
  keys = () => this.get<{ keys: Values.Key[] }>('/app/v1/keys');
  makeKey = (of: Values.NewKey) => this.send<Values.MadeKey>('POST', '/app/v1/keys', of);
  revokeKey = (id: string) => this.send<null>('DELETE', path('keys', id));
  storage = () => this.get<Values.Storage>('/app/v1/storage');
  freeStorage = () => this.send<Values.Storage>('POST', '/app/v1/storage/free');

  providers = () => this.get<{ providers: Values.Provider[] }>('/app/v1/providers');
  addProvider = (of: Values.NewProvider) =>
    this.send<Values.Provider>('POST', '/app/v1/providers', of);
  deleteProvider = (name: string) => this.send<null>('DELETE', path('providers', name));
  /** Asks the server of other models whether it is there, and what it has. */
  checkProvider = (name: string) =>
    this.send<Values.ProviderCheck>(
      'POST',
      path('providers', name, 'check'),
      undefined,
      {},
      remotePatienceMs,
    );

  learning = () => this.get<Learning>('/app/v1/learning');
  setLearning = (to: { paused?: boolean; cpu_share?: number }) =>
    this.send<Learning>('PATCH', '/app/v1/learning', to);
  roles = () => this.get<{ roles: Speaking[] }>('/app/v1/roles');
  setRole = (role: Speaking['role'], to: Partial<Omit<Speaking, 'role'>>) =>
    this.send<{ roles: Speaking[] }>('PATCH', path('roles', role), to);
  rules = () => this.get<Rules>('/app/v1/learning/rules');
  setRules = (to: RulesChange) => this.send<Rules>('PATCH', '/app/v1/learning/rules', to);
  thresholds = () => this.get<{ thresholds: Thresholds }>('/app/v1/learning/thresholds');
  setThresholds = (to: Partial<Record<ThresholdName, number | null>>) =>
    this.send<{ thresholds: Thresholds }>('PATCH', '/app/v1/learning/thresholds', to);
  forget = (what: Wish) => this.send<Forgetting>('POST', '/app/v1/forget', what);
  forgetting = (id: string) => this.get<Forgetting>(path('forget', id));
  lessons = (before: number | null = null, limit = 50) =>
    this.get<{ lessons: Values.Lesson[]; next: number | null }>('/app/v1/learning/lessons', {
      limit,
      before,
    });
  lesson = (number: number) =>
    this.get<{ lesson: Values.Lesson; sources: Values.Source[] }>(
      path('learning', 'lessons', String(number)),
    );

  /** Sends conversations; the caller reads the body, a line of JSON for each. */
  importFile = (file: Blob, of: Query, signal: AbortSignal): Promise<Response> =>
    this.request(`/app/v1/import${query(of)}`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: file,
      signal,
    });

  private speak(url: string, body: object, key: string): Promise<Exchange> {
    return this.send<Exchange>('POST', url, body, { 'Idempotency-Key': key });
  }
}

/** Where conversations are downloaded from: one, or all. */
export const exportAddress = (format: Values.ExportFormat, conversation: string | null = null) =>
  `/app/v1/export${query({ format, conversation_id: conversation })}`;
/** Where an answer's reading is found as JSON, for programs. */
export const readingAddress = (turn: string) =>
  path('turns', turn, 'inspect') + query({ likely: 20 });
export const notesAddress = '/app/v1/export/notes';
export const profileAddress = '/app/v1/export/profile';
