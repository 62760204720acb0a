/** What the server says of the notebook. */

/** A page in the list; shares are of keystrokes, null until measured. */
export interface NoteInBrief {
  id: string;
  title: string;
  excerpt: string;
  learned: 'no' | 'yes' | 'changed';
  learned_at: string | null;
  /** Paragraphs that are still to be taught to the weights, and the last lesson that taught one. */
  waiting: number;
  lesson: number | null;
  /** Where its paragraphs teach. */
  conversation_id: string | null;
  saved: number | null;
  starter_saved: number | null;
  created_at: string;
  changed_at: string;
}

export interface Note extends NoteInBrief {
  text: string;
  revision: number;
}

/** Whole words that would go on, each with what stands before it. */
export interface Suggestion {
  words: string[];
  model: string;
  checkpoint: string;
}
