/** What an import tells of itself, as docs/reference/api.md describes it. */

/** What became of one conversation of an import, or the sum of all. */
export interface Imported {
  title: string;
  conversation_id: string | null;
  outcome: 'added' | 'extended' | 'unchanged' | 'refused';
  turns: number;
  reason: string | null;
}
export interface ImportSum {
  done: true;
  added: number;
  extended: number;
  unchanged: number;
  refused: number;
  turns: number;
}
