/** What the page says about models: what they are, new ones, and how they come and go. */
import type { Model, ModelForm, SmallerCopy, Stored, Training } from '../lib/api';
import { bytes, count, day, oneDigit, twoDigits, whole } from './format';

const minutesLeft = (seconds: number) =>
  seconds < 90 ? `${whole.format(Math.ceil(seconds))} s` : `${whole.format(seconds / 60)} min`;

/** Figures of an engine that say how it learns and not what it is. */
const howItLearns = /rate|clip|beta|decay|warmup|epsilon|theta|muon|dropout/;

const storedKinds = {
  f32: '32 bits, exact',
  f16: '16 bits',
  q8_0: '8 bits (q8_0)',
  q4_0: '4 bits (q4_0)',
} satisfies Record<Stored, string>;

const threeDigits = (n: number) => n.toFixed(3);

/** How well a smaller copy predicts beside its original: alike below a thousandth. */
function predicts({ bits_before, bits_after }: SmallerCopy): string {
  const worse = 100 * (bits_after / bits_before - 1);
  if (Math.abs(worse) < 0.1) return 'as well';
  return `${oneDigit.format(Math.abs(worse))} % ${worse > 0 ? 'worse' : 'better'}`;
}

export const models = {
  models: 'Models',
  modelsFailed: 'The models could not be loaded.',
  checkpoints: 'Checkpoints',
  answersNow: 'answers now',
  starter: 'Starter',
  ownBeginning: 'As it was trained',
  asItWasCopied: 'As it was copied',
  cameFrom: (name: string) => `from ${name}`,
  goBack: 'Go back to this one',
  wentBack: (name: string) => `${name} is live. The next turn is answered by it.`,
  unavailable: 'its file is gone',
  afterLesson: (n: number | null) => (n === null ? 'Before any lesson' : `After lesson ${n}`),
  modelFacts: ({ engine, learns }: Model) =>
    `${engine}. ${learns ? 'Learns from what you say.' : 'Does not learn from what you say.'}`,
  /** What a smaller copy is, how large it would be, and how much worse it predicts. */
  smallerFacts: (copy: SmallerCopy) =>
    `A copy of ${copy.model} in ${storedKinds[copy.stored]}: ${bytes(copy.size_after)} instead of ${bytes(copy.size_before)}. It predicts ${whole.format(copy.read)} held-out conversations ${predicts(copy)}: ${threeDigits(copy.bits_after)} bits per byte, ${copy.model} ${threeDigits(copy.bits_before)}.`,
  /** Terms and values: how large it is, how old, and the figures of its engine. */
  modelFigures: (model: Model): [string, string][] => [
    ['weights', whole.format(model.parameters)],
    ['size', bytes(model.size_bytes)],
    ['here since', day.format(new Date(model.created_at))],
    ['vocabulary', count(model.vocabulary_size, 'token')],
    ['reads', `${whole.format(model.window)} tokens`],
    ...Object.entries(model.config)
      .filter(([name]) => !howItLearns.test(name))
      .map(([name, value]): [string, string] => [
        name.replaceAll('_', ' '),
        typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value),
      ]),
  ],
  rebuild: 'Rebuild',
  rebuildQuestion: (model: string) =>
    `Rebuild ${model} from the starter over everything kept? It answers as it is until that is done.`,
  rebuildStarted: (model: string) => `${model} is being rebuilt. It answers as before until then.`,
  deleteModel: 'Delete',
  deleteModelQuestion: (model: string) =>
    `Delete ${model} with its checkpoints and dreams? It cannot be taken back. What it answered stays.`,
  modelErased: (model: string) => `${model} is gone.`,

  // out and in
  exportModel: 'Export',
  exportOf: (model: string) => `Export ${model}`,
  format: 'Format',
  modelForms: {
    checkpoint: 'L2C checkpoint (safetensors)',
    gguf: 'GGUF, for llama.cpp and Ollama',
    safetensors: 'Hugging Face safetensors (tar)',
    llama2c: 'llama2.c (tar)',
  } satisfies Record<ModelForm, string>,
  storedAs: 'Numbers stored in',
  storedKinds,
  quantiseNote:
    'Fewer bits make a smaller file that is read faster and is less exact. The model here stays as it is.',
  checkpointOnly: (engine: string) =>
    `Other programs do not know the engine ${engine}; a checkpoint comes back into any L2C.`,
  // smaller ones
  quantise: 'Make a smaller copy',
  quantiseOf: (model: string) => `A smaller copy of ${model}`,
  quantiseOwnNote:
    'The same weights in fewer bits, as a model of its own that does not learn. How much worse it predicts is measured before it is kept.',
  ofCheckpoint: 'Of',
  quantising: 'Being measured',
  saveFile: 'Save the file',
  modelSaved: (name: string, size: number) => `${name}, ${bytes(size)}.`,
  importModel: 'Import',
  importModelNote:
    'GGUF; safetensors of Hugging Face with config.json and the tokenizer; llama2.c with its tokenizer.bin; or a checkpoint of L2C. Choose all files of one model together.',
  dropModel: 'Drop the files of one model here.',
  chooseModel: 'Choose files',
  takeIn: 'Take it in',
  takingIn: 'Being read',
  modelCame: (model: string) => `${model} is there and can be picked.`,

  // new ones
  newModels: 'New models',
  trainNew: 'Train a new one',
  trainNewNote:
    'From nothing but your text, on this machine, between the lessons and within the same budget. It can be paused and goes on after a restart; when it is done the text is erased here.',
  dropText: 'Drop text files here.',
  chooseText: 'Choose files',
  trainingFiles: (names: string[], size: number) => `${names.join(', ')} (${bytes(size)})`,
  modelName: 'Name',
  engine: 'Engine',
  engines: {
    lstm: 'LSTM, a recurrent network',
    llama: 'Llama, a transformer',
    ngram: 'n-grams, counts',
    mixture: 'Mixture of network and counts',
  },
  engineNotes: {
    lstm: 'The engine of le. A good choice for up to a few megabytes.',
    llama:
      'The kind GGUF files hold. Where SentencePiece is installed, it can go out to llama.cpp and Ollama.',
    ngram: 'Reads the text once, in seconds, whatever time it is given.',
    mixture: 'Both, weighted as they prove right.',
  },
  trainMinutes: 'Minutes of training',
  train: 'Train',
  trainingBegun: (model: string) => `${model} is on its way.`,
  trainingDone: 'A new model is there.',
  trainingFacts: ({ engine, characters }: Training) =>
    `${engine}, ${count(characters, 'character')}`,
  trainingState: ({ state, waits, seconds_left, step }: Training) => {
    if (state === 'paused') return 'paused';
    if (state === 'done') return 'trained';
    if (state === 'failed') return 'broke off';
    if (waits) return waits;
    return step === 0 || seconds_left === null
      ? 'about to begin'
      : `${minutesLeft(seconds_left)} left`;
  },
  trainingProgress: ({ model, step, steps }: Training) =>
    `${model}: step ${whole.format(step)} of ${whole.format(steps)}`,
  trainingLoss: (loss: number | null) =>
    loss === null ? '' : `loss ${twoDigits.format(loss)} nats a token`,
  trainingCurve: ({ curve }: Training) =>
    `Loss from ${twoDigits.format(curve[0]?.[1] ?? 0)} to ${twoDigits.format(curve.at(-1)?.[1] ?? 0)} nats a token`,
  trainingSample: (step: number, steps: number) =>
    `It writes, after step ${whole.format(step)} of ${whole.format(steps)}`,
  earlierSamples: (n: number) => `${count(n, 'earlier sample')}`,
  pauseTraining: 'Pause',
  continueTraining: 'Go on',
  eraseTraining: 'Give up',
  eraseTrainingQuestion: (model: string) =>
    `Give ${model} up? What was trained so far and its text are erased.`,
  dismissTraining: 'Take off the list',
  trainingErased: 'Erased.',
};
