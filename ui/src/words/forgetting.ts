/** What the page says about forgetting, and about what may teach and when. */
import { count } from './format';

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

  pinCheckpoint: 'Pin',
  checkpointPinned: 'Pinned',
};
