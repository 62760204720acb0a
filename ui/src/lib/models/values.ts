/** What the server says of models, their versions, and new ones that are being trained. */

/** What a model is a smaller copy of, and what that cost in bits per byte of held-out text. */
export interface SmallerCopy {
  model: string;
  checkpoint: string;
  stored: FewerBits;
  size_before: number;
  size_after: number;
  bits_before: number;
  bits_after: number;
  read: number;
}

export type FewerBits = Exclude<Stored, 'f32'>;

export interface ToQuantise {
  name: string;
  type: FewerBits;
  checkpoint: string;
}

export interface Model {
  name: string;
  engine: string;
  learns: boolean;
  parameters: number;
  vocabulary_size: number;
  window: number;
  live: string;
  starter: string;
  checkpoints: number;
  /** Of the checkpoint that answers. */
  size_bytes: number;
  created_at: string;
  /** The plain figures of its engine, such as `hidden_size`. */
  config: Record<string, number | string | boolean>;
  smaller: SmallerCopy | null;
}

export interface Checkpoint {
  digest: string;
  parent: string | null;
  /** What one that was trained on files began with; it has no parent. */
  came_from: string | null;
  lesson: number | null;
  created_at: string;
  size_bytes: number;
  live: boolean;
  pinned: boolean;
  available: boolean;
}

/** A new model that is being made of a text. */
export interface Training {
  id: string;
  model: string;
  engine: string;
  characters: number;
  minutes: number;
  state: 'running' | 'paused' | 'done' | 'failed';
  /** Why nothing happens to a running one now, in the server's words. */
  waits: string | null;
  step: number;
  steps: number;
  /** In nats per token. */
  loss: number | null;
  seconds_left: number | null;
  curve: [number, number][];
  samples: [number, string][];
  reason: string | null;
  created_at: string;
  finished_at: string | null;
}

export interface NewTraining {
  name: string;
  engine: string;
  minutes: number;
}

/** The formats a model goes out in, and how its numbers may be stored there. */
export type ModelForm = 'checkpoint' | 'gguf' | 'llama2c' | 'safetensors';
export type Stored = 'f32' | 'f16' | 'q8_0' | 'q4_0';
