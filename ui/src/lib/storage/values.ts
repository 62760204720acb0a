/** What is stored, as docs/reference/api.md describes it. */

export type StoredKind =
  'store' | 'copies' | 'checkpoints' | 'logs' | 'dreams' | 'learner' | 'reserve' | 'other';

export interface Storage {
  /** The largest first. */
  taken: { kind: StoredKind; size_bytes: number }[];
  free_bytes: number;
  /** What of the checkpoints can be given back. */
  spare_bytes: number;
  documents: { count: number; characters: number };
}
