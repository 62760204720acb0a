/**
 * Every word the page says, in one table.
 *
 * Short and plain: first what happened, then what to do. The model is called by its name; the
 * page speaks about it and never as it. Numbers carry their unit and, where there is one, what
 * they are compared with.
 */
import type { Lesson, Mark, Now, Origin, Turn } from './lib/api';
import { accounts } from './words/accounts';
import { conversations } from './words/conversations';
import { documents } from './words/documents';
import { dreams } from './words/dreams';
import { bytes, clock, command, count, day, oneDigit, twoDigits, whole } from './words/format';
import { forgetting } from './words/forgetting';
import { glass } from './words/glass';
import { memory } from './words/memory';
import { models } from './words/models';
import { notes } from './words/notes';
import { roles } from './words/roles';
import { settings } from './words/settings';
import { storage } from './words/storage';

const originWord: Record<Origin, string> = {
  generated: 'generated',
  practised: 'practised',
  computed: 'computed',
  remembered: 'remembered',
  quoted: 'quoted',
  declined: 'declined',
};

const markWord: Record<Mark, string> = {
  queued: 'queued',
  learned: 'learned',
  off: 'not learned',
  to_forget: 'to forget',
  refused: 'not learned',
  none: 'not yet',
};

export const messages = {
  ...accounts,
  ...conversations,
  ...documents,
  ...dreams,
  ...forgetting,
  ...glass,
  ...memory,
  ...models,
  ...notes,
  ...roles,
  ...settings,
  ...storage,

  // the frame
  product: 'L2C',
  views: 'Views',
  chat: 'Chat',
  learning: 'Learning',
  documents: 'Documents',
  compare: 'Compare',
  settings: 'Settings',
  title: (name: string) => (name ? `${name}, L2C` : 'L2C'),
  skipToDraft: 'Skip to the draft',
  skipToMain: 'Skip to the content',
  close: 'Close',
  retry: 'Try again',
  undo: 'Undo',
  notices: 'Notices',
  cancel: 'Cancel',
  loading: 'Loading',
  onThisMachine: 'On this machine only',
  sentAway: (server: string) => `Sent to ${server}`,
  viewFailed: 'This view could not be loaded.',
  pageFailed: 'The page could not be loaded.',

  // the connection
  offline: 'The server does not answer. Trying again; your draft is safe.',
  signedOut: 'You are signed out here. What you typed is kept in this browser.',
  signedOutTab: 'You are signed out here. Sign in beside this tab: what you typed is in it alone.',
  notDone: 'Not done: you are signed out here.',
  signInAgain: 'Sign in',
  signedInAgain: 'You are signed in again.',
  back: 'Back.',
  backWentOn: 'Back. The answer went on without you.',
  asOf: (when: Date) => `as of ${clock.format(when)}`,

  // the list
  conversations: 'Conversations',
  newConversation: 'New conversation',
  untitled: 'Untitled',
  today: 'Today',
  yesterday: 'Yesterday',
  earlier: 'Earlier',
  older: 'Show older ones',
  noConversation: 'No conversation yet. Write something to begin one.',
  listFailed: 'The conversations could not be loaded.',
  notLearning: 'not learned from',
  more: (title: string) => `More for ${title}`,
  rename: 'Rename',
  renameLabel: 'New name',
  save: 'Save',
  remove: 'Delete',
  removed: (title: string) => `“${title}” is deleted.`,
  restored: (title: string) => `“${title}” is back.`,

  // search
  search: 'Search',
  searchKey: `${command} K`,
  searchResults: 'Found',
  clearSearch: 'Clear the search',
  goTo: 'Go to',
  inTitles: 'Conversations',
  inTurns: 'Turns',
  found: (n: number) => (n === 0 ? 'Nothing was found.' : `${count(n, 'result')}.`),
  searchFailed: 'The search did not work. Try again.',

  // the transcript
  transcript: 'Conversation',
  you: 'you',
  answerBy: (model: string, origin: Origin | null) => `${model}, ${messages.origin(origin)}`,
  /** An answer without an origin was written by its user. */
  origin: (origin: Origin | null) => (origin === null ? 'your words' : originWord[origin]),
  answering: (model: string) => `${model} is about to answer`,
  lettersPerSecond: (n: number) => `${whole.format(n)} letters/s`,
  sendingNow: 'sending',
  waitsForServer: 'not sent yet',
  horizon: (model: string, dropped: number) =>
    `${model} reads from here. ${count(dropped, 'earlier turn')} ${dropped === 1 ? 'does' : 'do'} not fit.`,
  freshStart: (model: string) =>
    `A new conversation. ${model} brings along what it learned and what you told it; it does not read your other conversations.`,
  newest: 'Newest',
  copy: 'Copy',
  copied: 'Copied',
  copyFailed: 'The browser did not allow it.',
  copyCode: 'Copy the code',
  askAgain: 'Ask again',
  answerAnyway: 'Answer anyway',
  takenFor: (wording: string) => `Read as “${wording}”`,
  readMyWords: 'Read my own words',
  wroteNothing: (model: string) => `${model} wrote nothing.`,
  stopped: 'You stopped it here.',
  interrupted: 'The server ended while this was written. What was there is kept.',
  failed: (reason: string | null) => (reason ? `No answer: ${reason}` : 'No answer came.'),
  held: 'The connection is lost. The rest follows by itself.',
  answerFinished: (turn: Turn) =>
    turn.status === 'complete'
      ? `Answer finished, ${originWord[turn.origin ?? 'generated']}.`
      : turn.status === 'stopped'
        ? 'Answer stopped.'
        : 'The answer was cut off.',
  missing: 'This conversation is not here. It may have been deleted.',
  threadFailed: 'The conversation could not be loaded.',
  imageOf: (alt: string) => `image: ${alt || 'no description'}`,

  // the mark beside a turn
  mark: (mark: Mark) => markWord[mark],
  markLabel: (mark: Mark, lesson: number | null) =>
    mark === 'learned' && lesson !== null ? `learned, lesson ${lesson}` : markWord[mark],
  markSentence: (mark: Mark, lesson: number | null, learn: boolean): string => {
    switch (mark) {
      case 'learned':
        return lesson === null ? 'Learned.' : `Learned in lesson ${lesson}.`;
      case 'queued':
        return 'Waits for the next lesson.';
      case 'to_forget':
        return 'It was learned, but has left this branch. The next rebuild forgets it.';
      case 'refused':
        return 'Not learned: three lessons with it were refused.';
      case 'off':
        return learn
          ? 'Not learned: you switched it off for this conversation.'
          : 'Not learned: you switched it off for this turn.';
      case 'none':
        return 'Nothing to learn yet: the answer is not finished.';
    }
  },
  learnThisTurn: 'Learn from this turn',
  openLesson: (n: number) => `Lesson ${n}, the exact text`,

  // the draft
  writeTo: (model: string) => `Write to ${model}`,
  send: 'Send',
  stop: 'Stop',
  modelLabel: 'Model',
  learnFromThis: 'Learn from this',
  learnFromThisOff: 'Learn from this: off',
  stillWriting: (model: string) => `${model} is still writing. Esc stops it.`,
  tooLong: (length: number, limit: number) =>
    `A turn holds ${whole.format(limit)} characters; this one has ${whole.format(length)}. Shorten it.`,
  wentOnElsewhere: 'The conversation went on elsewhere. Read what is new, then send again.',
  windowLabel: 'Window',
  window: (tokens: number, budget: number) =>
    `${whole.format(tokens)} of ${whole.format(budget)} tokens in view`,

  // the first visit
  vow: [
    ['le is small.', 'It knows simple English and little else, and says so.'],
    ['It is yours.', 'What you write stays on this machine.'],
    ['It learns.', 'From your words, in lessons you can read and undo.'],
  ] as const,
  tellSomething: 'Tell it something about you.',
  example: 'My cat is called …',
  oneSentence: 'One short sentence is best. The lesson begins when the answer is finished.',

  // learning
  panel: 'Learning panel',
  openPanel: 'Learning',
  now: 'Now',
  lesson: (n: number) => `Lesson ${n}`,
  /** What the learner works on: a lesson and what teaches it, or the model as a whole. */
  nowTitle: (now: Now) => (now.lesson === null ? 'Learning' : messages.lesson(now.lesson)),
  nowFrom: (now: Now): string => {
    if (now.kind === 'practice') return 'practice on earlier text';
    return now.sources ? `from ${count(now.sources, 'exchange')} of yours` : '';
  },
  nowProgress: (now: Now) => `${messages.nowTitle(now)}, ${messages.percentDone(now)} percent`,
  nowShort: (now: Now) =>
    `${messages.nowTitle(now).toLowerCase()} at ${messages.percentDone(now)}\u00a0%`,
  percentDone: (now: Now) => Math.round((100 * (now.step ?? 0)) / Math.max(now.steps ?? 1, 1)),
  doing: (now: Now) => {
    const steps = now.steps
      ? `step ${whole.format(now.step ?? 0)} of ${whole.format(now.steps)}`
      : '';
    return now.doing === 'training' && steps
      ? steps
      : [now.doing, steps].filter(Boolean).join(', ');
  },
  timeLeft: (seconds: number) =>
    seconds < 90
      ? `about ${Math.max(1, Math.round(seconds))} s left`
      : `about ${Math.round(seconds / 60)} min left`,
  idle: 'Nothing new to learn.',
  waiting: (n: number) =>
    `${count(n, 'exchange')} ${n === 1 ? 'waits' : 'wait'} for the next lesson.`,
  pausedSentence: (n: number) =>
    n > 0 ? `Paused. ${count(n, 'exchange')} ${n === 1 ? 'waits' : 'wait'}.` : 'Paused.',
  learnerAway: 'The learner is not running.',
  pause: 'Pause',
  resume: 'Resume',
  pauseLearning: 'Pause learning',
  resumeLearning: 'Resume learning',
  yourText: 'Your text',
  generalText: 'General text',
  bits: 'bits per byte',
  bitsFromStart: (start: number) => `bits per byte, ${twoDigits.format(start)} at the start`,
  lowerIsBetter: 'bits per byte of what each lesson taught, lower is better',
  beforeAfter: 'before and after a lesson',
  refusedLesson: 'refused',
  againstStarter: 'per cent against the starter; over the limit a lesson is refused',
  limit: (percent: number) => `limit +${oneDigit.format(percent)}\u00a0%`,
  generalAgainstLimit: (percent: number, limit: number) =>
    `General text ${change(percent)}; the limit is ${oneDigit.format(limit)}\u00a0% worse`,
  noBits: 'Measured after the first lesson.',
  outcome: (better: number) =>
    better >= 0 ? `${percentOf(better)} better` : `${percentOf(-better)} worse`,
  outcomeBefore: (model: string) => `${model} knows your text `,
  outcomeAfter: (general: number | null) =>
    general === null
      ? ' than at the start.'
      : ` than at the start, and general text ${generalChange(general)}.`,
  outcomeNone: (model: string) => `${model} has learned nothing from you yet.`,
  figures: 'Model',
  iterations: 'Iterations',
  loss: 'Loss',
  lossUnit: (loss: number) => `${twoDigits.format(loss)} nats per token`,
  vocabulary: 'Vocabulary',
  vocabularySize: (n: number) => count(n, 'token'),
  conversationsLearned: 'Conversations learned',
  queue: 'Queue',
  drift: 'Unseen text',
  generalNow: 'General text',
  generalLimit: 'Its limit',
  changeFromStart: (percent: number | null) => (percent === null ? '–' : change(percent)),
  worseAtMost: (percent: number) => `${oneDigit.format(percent)}\u00a0% worse`,
  driftNote:
    'Against the starter. No verdict reads the unseen text; it shows what the gate cannot see.',
  exchanges: (n: number) => count(n, 'exchange'),
  lossCurve: 'Loss while training, and its mean',
  lossConclusion: (from: number, to: number, until: number) =>
    `Loss over ${whole.format(until)} iterations: ${twoDigits.format(from)} first, ${twoDigits.format(to)} last.`,
  bitsConclusion: (lessons: number, before: number, after: number) =>
    `Bits per byte of what each of ${count(lessons, 'lesson')} taught, before and after it. ` +
    `The last: ${twoDigits.format(before)} before, ${twoDigits.format(after)} after.`,
  generalConclusion: (now: number, limit: number) =>
    `General text against the starter: ${change(now)} now, the limit is ${oneDigit.format(limit)}\u00a0% worse.`,
  showTable: 'Show as a table',
  hideTable: 'Hide the table',
  before: 'before',
  after: 'after',
  noCurve: 'No lesson has been measured yet.',
  lastLessons: 'Last lessons',
  lessons: 'Lessons',
  lessonHead: 'Lesson',
  allLessons: 'All lessons',
  noLesson: 'No lesson yet.',
  lessonState: (lesson: Lesson) =>
    ({ training: 'is running.', kept: 'kept.', refused: 'refused.', failed: 'failed.' })[
      lesson.state
    ],
  /** The server's reason, without the word that stands before it here. */
  verdict: (lesson: Lesson) =>
    (lesson.verdict ?? '')
      .replace(/^(kept|refused|failed)[.:]\s*/i, '')
      .replaceAll(' %', '\u00a0%'),
  lessonVerdict: (lesson: Lesson): string =>
    `Lesson ${lesson.number} ${messages.lessonState(lesson)} ${messages.verdict(lesson)}`.trim(),
  taughtBy: 'taught by',
  turns: (n: number) => count(n, 'turn'),
  practice: 'practice',
  practiceSentence: 'This lesson had no new text. It went over earlier text again.',
  exactText: 'The exact text of this lesson',
  toConversation: 'Go to the turn',
  forgotten: 'Its conversation was deleted, and its text with it.',
  noSources: 'Its text is not kept any more.',
  lessonMissing: 'There is no such lesson.',
  steps: 'Steps',
  tokensRead: 'Tokens',
  cpuSeconds: 'Processor time',
  seconds: (s: number | null) => (s === null ? '–' : `${oneDigit.format(s)} s`),
  finished: 'Finished',
  fingerprint: 'SHA-256',
  lossChange: (before: number, after: number) =>
    `${twoDigits.format(before)} → ${twoDigits.format(after)}`,
  countingAlone: 'counting alone',
  countingAloneBits: 'bits per byte by counting alone',
  counted: (before: number | null, after: number | null) =>
    before === null || after === null
      ? '–'
      : `${twoDigits.format(before)} → ${twoDigits.format(after)}`,
  whatItMayDo: 'What it may do',
  share: 'Share of one core',
  shareNote: 'Chat always comes first.',
  temperature: 'Temperature',
  temperatureNote: 'For your next turns. Low is careful, high is bold.',
  autosaved: (when: string) => `Saved ${clock.format(new Date(when))}`,
  learningFailed: 'What is being learned could not be loaded.',

  // settings
  theme: 'Theme',
  themes: { system: 'System', light: 'Light', dark: 'Dark' },
  answers: 'Answers',
  resetTemperature: (value: number) => `Back to ${value}`,
  stored: 'What is stored',
  storedSentence:
    'Conversations, drafts, lessons and the models they made. All of it is in the data directory of this machine; nothing is sent elsewhere.',
  freeSpace: 'Free on the disk',
  version: 'Version',
  learner: 'Learner',
  store: 'Store',
  keyHelp: 'Keys',
  licences: 'Licences of what the page is made of',

  // the sheet of keys
  keys: [
    ['Enter', 'send'],
    ['Shift Enter', 'new line'],
    ['Esc', 'close what is on top, else stop the answer'],
    ['Up', 'in an empty draft: your last words again'],
    ['Alt Up, Alt Down', 'turn before, turn after'],
    ['C', 'on a turn: copy it'],
    ['L', 'on a turn of yours: what became of it'],
    ['E', 'on a turn: edit it, or correct the answer'],
    ['R', 'on a turn: have it answered again'],
    ['G', 'on an answer: look inside'],
    ['Left, Right', 'on a turn: its versions'],
    ['Tab, End, Esc', 'in the notebook: take a word, take it all, hide'],
    [`${command} K`, 'search, or go to a view'],
    [`${command} Shift O`, 'new conversation'],
    [`${command} /`, 'this sheet'],
  ] as const,

  number: (n: number | null) => (n === null ? '–' : whole.format(n)),
  twoDigits: (n: number) => twoDigits.format(n),
  percent: (n: number) => `${whole.format(n)}\u00a0%`,
  date: (when: string) => day.format(new Date(when)),
  bytes,
};

function percentOf(n: number): string {
  return `${(n < 10 ? oneDigit : whole).format(n)}\u00a0%`;
}

/** A change of general text in per cent, where more is worse. */
function change(percent: number): string {
  if (Math.abs(percent) < 0.05) return 'the same';
  return percent > 0
    ? `${oneDigit.format(percent)}\u00a0% worse`
    : `${oneDigit.format(-percent)}\u00a0% better`;
}

function generalChange(percent: number): string {
  return Math.abs(percent) < 0.05 ? 'stayed the same' : change(percent);
}
