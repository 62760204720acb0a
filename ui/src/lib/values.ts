/**
 * The values of the interface, as docs/reference/api.md describes them.
 */

export type * from './accounts/values';
export type * from './conversations/imported';
export type * from './glass/reading';
export type * from './models/servers';
export type * from './models/values';
export type * from './storage/values';
import type { ThresholdName } from './learning/values';
import type { Model } from './models/values';

export type Role = 'user' | 'assistant';
export type Status = 'streaming' | 'complete' | 'stopped' | 'interrupted' | 'error';
export type Origin = 'generated' | 'practised' | 'computed' | 'remembered' | 'quoted' | 'declined';
/** What became of a user's turn: the mark beside it. */
export type Mark = 'queued' | 'learned' | 'to_forget' | 'off' | 'refused' | 'none';

export interface Conversation {
  id: string;
  title: string;
  /** Its user named it; else the title follows what is said. */
  titled: boolean;
  created_at: string;
  updated_at: string;
  model: string;
  learn: boolean;
  pinned: boolean;
  archived: boolean;
  /** In the server's memory alone: never on a disk, never learned. */
  temporary: boolean;
  folder_id: string | null;
  tags: string[];
  system_prompt: string;
  sampling: Sampling | null;
  draft: string;
  /** The last turn of the active branch. */
  active_turn_id: string | null;
  turn_count: number;
  deleted: boolean;
}

/** How an answer is written; what is missing is as in the settings. */
export interface Sampling {
  temperature?: number;
  top_k?: number;
  top_p?: number;
  min_p?: number;
  repetition_penalty?: number;
  length?: number;
  seed?: number;
}

/** What a person can change of a conversation. */
export type ConversationChange = Partial<
  Pick<
    Conversation,
    | 'title'
    | 'learn'
    | 'draft'
    | 'model'
    | 'pinned'
    | 'archived'
    | 'folder_id'
    | 'tags'
    | 'system_prompt'
    | 'sampling'
  >
>;

/** What a conversation is begun with. */
export interface NewConversation {
  model?: string;
  learn?: boolean;
  temporary?: boolean;
  folder_id?: string;
  system_prompt?: string;
  sampling?: Sampling;
}

export interface Folder {
  id: string;
  name: string;
  created_at: string;
  conversations: number;
}

export interface Tag {
  name: string;
  conversations: number;
}

/** What of a conversation the model reads, in its own tokens. */
export interface Window {
  /** The whole window; null for answers of older versions. */
  size: number | null;
  /** What a prompt may use of it beside the answer. */
  budget: number;
  tokens: number;
  system_tokens: number;
  document_tokens: number;
  memory_tokens: number;
  pinned_tokens: number;
  dropped_turns: number;
  dropped_tokens: number;
  /** The turn the view begins at; null when that is the draft. */
  begins_at: string | null;
  begins_offset: number;
  /** Pinned turns that found no room. */
  pinned_out: string[];
  /** The practised wording that was read in place of what was said. */
  taken_for?: string | null;
}

/** A turn that an answer remembers. */
export interface Remembered {
  turn_id: string;
  conversation_id: string;
  told_at: string;
  /** The beginning of the turn. */
  said: string;
}

/** Something the user told; `subject` is empty for the user. */
export interface Fact {
  id: string;
  subject: string;
  relation: string;
  value: string;
  said: string;
  /** The values it had before, newest first. */
  history: string[];
  edited: boolean;
  told_at: string;
  turn_id: string;
  conversation_id: string;
}

export interface Turn {
  id: string;
  conversation_id: string;
  parent_id: string | null;
  /** Which of the turns in this place it is, from 1, and how many there are. */
  version: number;
  versions: number;
  /** The turn it began as: of an edited turn, a corrected or continued answer. */
  made_from: string | null;
  role: Role;
  text: string;
  status: Status;
  created_at: string;
  finished_at: string | null;
  learn: boolean;
  learning: Mark;
  lesson: number | null;
  /** Stays in the model's window, however long ago it was said. */
  pinned: boolean;
  /** Its user's judgement of an answer. */
  rating: 1 | -1 | null;
  model: string | null;
  checkpoint: string | null;
  origin: Origin | null;
  /** How an answer was written; null for what nobody sampled. */
  sampling: Sampling | null;
  window: Window | null;
  /** The places of documents an answer rests on. */
  citations: Quote[] | null;
  /** The turns an answer remembers, newest first. */
  remembered: Remembered[] | null;
  error: string | null;
}

/** How one answer is to be written. */
export interface How extends Sampling {
  model?: string;
  /** The model answers, whatever the router thinks of it. */
  anyway?: boolean;
}

/** A place in a document; `document_id` is null once the document is erased. */
export interface Quote {
  document_id: string | null;
  name: string;
  page: number;
  /** Code points of the text of that page. */
  start: number;
  end: number;
  text: string;
}

export type DocumentKind = 'pdf' | 'docx' | 'text' | 'markdown' | 'html' | 'csv' | 'code';

export interface Document {
  id: string;
  name: string;
  kind: DocumentKind;
  size_bytes: number;
  sha256: string;
  page_count: number;
  characters: number;
  passages: number;
  tables: number;
  warnings: string[];
  summary: Quote[];
  /** What a model of another server wrote of it, as far as it stands there. */
  abstract: Abstract | null;
  /** The conversation that teaches it. */
  learned_in: string | null;
  created_at: string;
}

export interface Abstract {
  text: string;
  model: string;
  /** How much of the document the model was shown, from its beginning. */
  characters: number;
  /** How many of its sentences did not stand there. */
  left_out: number;
}

/** A page as it was read. */
export interface DocumentPage {
  document_id: string;
  number: number;
  page_count: number;
  text: string;
  passages: [number, number][];
}

export interface GroundedAnswer {
  question: string;
  origin: 'quoted' | 'computed' | 'declined';
  text: string;
  quotes: Quote[];
  confidence: number;
  considered: { quote: Quote; score: number }[];
}

export type ExportFormat = 'json' | 'markdown' | 'text' | 'openai' | 'sharegpt';

export interface Lesson {
  number: number;
  kind: 'exchanges' | 'practice';
  state: 'training' | 'kept' | 'refused' | 'failed';
  started_at: string;
  finished_at: string | null;
  sources: number;
  steps: number | null;
  tokens: number | null;
  cpu_seconds: number | null;
  loss_before: number | null;
  loss_after: number | null;
  bits_before: number | null;
  bits_after: number | null;
  /** The same of counting alone. */
  counted_before: number | null;
  counted_after: number | null;
  general_percent: number | null;
  checkpoint: string | null;
  parent: string | null;
  verdict: string | null;
  /** Fractions its verdict was given under. */
  thresholds: Record<ThresholdName, number> | null;
}

/** One exchange a lesson was made of; its text is null once its conversation is gone. */
export interface Source {
  turn_id: string | null;
  conversation_id: string | null;
  /** The page of the notebook whose words it is. */
  note_id: string | null;
  text: string | null;
  sha256: string;
}

/** What the learner does at this moment. */
export interface Now {
  lesson: number | null;
  kind: 'exchanges' | 'practice' | null;
  sources: number | null;
  step: number | null;
  steps: number | null;
  loss: number | null;
  seconds_left: number | null;
  /** reading, training, judging, saving or rebuilding. */
  doing: string;
}

export interface Learning {
  status: 'active' | 'idle';
  learner: 'alive' | 'absent';
  paused: boolean;
  cpu_share: number;
  model: string;
  engine: string;
  checkpoint: string;
  iterations: number;
  loss: number | null;
  vocabulary_size: number;
  conversations_learned: number;
  queue_size: number;
  now: Now | null;
  bits_at_start: number | null;
  bits_now: number | null;
  general_percent: number | null;
  general_limit_percent: number;
  drift_percent: number | null;
  /** Iteration and loss. */
  loss_curve: [number, number][];
  /** Kept lessons: bits per byte of its own text before it and after it, then of counting alone. */
  bits_curve: [number, number, number, number | null, number | null][];
  lessons: Lesson[];
  autosaved_at: string | null;
}

export interface Session {
  user: string;
  version: string;
  default_model: string;
  models: Model[];
  sampling: { temperature: number };
  limits: { text_characters: number };
}

export interface Hit {
  turn_id: string;
  conversation_id: string;
  title: string;
  role: Role;
  /** The words around the hit; true marks the words that were searched. */
  snippet: [string, boolean][];
  created_at: string;
}

export interface Health {
  status: 'ok' | 'degraded' | 'failed';
  version: string;
  model: string;
  checkpoint: string;
  learner: string;
  store: string;
  free_bytes: number;
}

/** Where a page of a list ends; given back to get the next one. */
export type Cursor = string | number;
