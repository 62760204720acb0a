/** What the page says about forgetting, about what may teach and when, and about the gate. */
import type { ThresholdName } from '../lib/api';
import { count, oneDigit } from './format';

const percent = (n: number) => `${oneDigit.format(n)}\u00a0%`;

export const forgetting = {
  forgetTurn: 'Forget this',
  forgetConversation: 'Forget for good',
  forgetSure:
    'It is erased at once and cannot be brought back. What was learned after it is learned again without it.',
  forgottenText: 'Forgotten.',
  knownByNone: 'Forgotten. No checkpoint knows of it.',
  forgettingAt: (done: number, steps: number) =>
    `The text is gone. ${done} of ${count(steps, 'lesson')} learned again without it.`,

  takenOut: 'Taken out before it teaches',
  redacted: {
    email: 'E-mail addresses',
    card: 'Card numbers',
    phone: 'Phone numbers',
    key: 'Keys and tokens',
  },
  restsWhen: 'When it rests',
  quietHours: 'In quiet hours',
  quietFrom: 'from',
  quietUntil: 'until',
  onlyWhenIdle: 'While somebody talks',
  mainsOnly: 'On battery',

  gate: 'What a lesson must keep to',
  gateSentence:
    'A lesson that does not is refused, and the model stays as it was. Changes hold from the next lesson on.',
  thresholds: {
    general: 'General text worse, at most',
    general_night: 'The same after a night',
    old_kept: 'Left of what was taught earlier',
    recalled: 'New facts answered in other words',
    recall_kept: 'Left of older facts answered',
    liked: 'Of rated answers good, or it goes back',
  } satisfies Record<ThresholdName, string>,
  asked: percent,
  askedBetween: (least: number, most: number) => `from ${percent(least)} to ${percent(most)}`,
  askedUsually: (usual: number) => `Back to the default, ${percent(usual)}`,
  judgedBy: (asked: Record<ThresholdName, number>) =>
    `Judged by: general text at most ${percent(100 * asked.general)} worse; at least ${percent(100 * asked.old_kept)} left of what was taught earlier; ${percent(100 * asked.recalled)} of new facts answered in other words, and ${percent(100 * asked.recall_kept)} left of the older ones.`,
  toNote: 'Go to the page',

  pinCheckpoint: 'Pin',
  checkpointPinned: 'Pinned',
};
