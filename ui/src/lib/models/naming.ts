/** What a version of a model is called. */
import { messages as m } from '../../messages';
import type { Checkpoint, Model } from '../api';

export const nameOf = ({ digest, lesson }: Checkpoint, model: Model): string =>
  lesson !== null
    ? m.afterLesson(lesson)
    : digest !== model.starter
      ? m.starter
      : model.smaller
        ? m.asItWasCopied
        : model.learns
          ? m.starter
          : m.ownBeginning;
