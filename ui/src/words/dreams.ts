/** What the page says about dreams, and about the voice. */
import type { Dream } from '../lib/api';
import { twoDigits, whole } from './format';

export const dreams = {
  dreams: 'Dreams',
  dreamsSentence:
    'What a model writes when nobody asks it anything. Kept dreams can be rehearsed when it learns; discarded ones are erased.',
  dreamNow: 'Dream now',
  dreaming: 'Dreaming',
  dreamsFailed: 'The dreams could not be loaded.',
  noDream: 'No dream yet.',
  dreamsLoading: 'The dreams are being loaded.',
  moreDreams: 'Older dreams',
  dreamOf: (dream: Dream) => `A dream of ${dream.model}`,
  dreamFacts: ({ checkpoint, seed, entropy, repetition, tokens }: Dream) =>
    `checkpoint ${checkpoint.slice(0, 12)}, seed ${seed}; ${whole.format(tokens)} tokens, ` +
    `${twoDigits.format(entropy)} bits each, repetition ${twoDigits.format(repetition)}`,
  keepDream: 'Keep',
  keptDream: 'Kept',
  unkeepDream: 'Keep no longer',
  discardDream: 'Discard',
  dreamDiscarded: 'The dream is erased.',
  dreamCame: 'A new dream is there.',

  voice: 'Voice',
  voiceSentence:
    'The core prompt gives your own models their tone: those that were taught under it read it before they answer. le does not read it, but keeps two wishes that stand there: to be dry, and to ask nothing.',
  voiceReaders: (models: string[]) =>
    models.length
      ? `${models.join(', ')} ${models.length === 1 ? 'reads' : 'read'} it.`
      : 'No model reads it yet: le was not taught under one. “l2c train --auto” teaches one that does.',
  corePrompt: 'Core prompt',
  voiceFailed: 'The core prompt could not be loaded.',
  voiceSaved: 'The core prompt is changed.',
  saveVoice: 'Save',
  resetVoice: 'Back to the default',
};
