/** What the server says of the rules of learning, and of forgetting. */

/** What is taken out of text before it teaches, and when the learner rests: minutes of the day. */
export interface Rules {
  redaction: Record<Redacted, boolean>;
  quiet_from: number | null;
  quiet_until: number | null;
  only_when_idle: boolean;
  on_battery: boolean;
  resting: string | null;
}

export type Redacted = 'email' | 'card' | 'phone' | 'key';

export type RulesChange = Partial<Omit<Rules, 'redaction' | 'resting'>> & {
  redaction?: Partial<Record<Redacted, boolean>>;
};

/** What the gate asks of a lesson. */
export type ThresholdName =
  'general' | 'general_night' | 'old_kept' | 'recalled' | 'recall_kept' | 'liked';

/** In percent: as it is, as it is usually, and from where to where it may be set. */
export interface Asked {
  percent: number;
  usual: number;
  least: number;
  most: number;
}

export type Thresholds = Record<ThresholdName, Asked>;

export type Wish = { conversation: string } | { turn: string } | { note: string };

/** A wish to forget: `done` of `steps` lessons were carried out again without it. */
export interface Forgetting {
  id: string;
  state: 'erasing' | 'rebuilding' | 'done';
  done: number;
  steps: number;
  goes_on_in: string | null;
}

/** What the words of somebody may become: read before an answer, remembered, learned. */
export interface Speaking {
  role: 'system' | 'user' | 'assistant' | 'document';
  window: boolean;
  memory: boolean;
  training: boolean;
}

/** One question, answered by the versions before and after a lesson, without memory. */
export interface Proof {
  lesson: number;
  question: string;
  value: string;
  before: { checkpoint: string; text: string };
  after: { checkpoint: string; text: string };
}
