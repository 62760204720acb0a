/** What the glass box says: where a model was sure, and where it guessed. */
import { count, oneDigit, twoDigits, whole } from './format';

/** What an engine calls a part of itself, in words. What is not here keeps its own name. */
const parts: Record<string, string> = {
  cell: 'Cell state',
  i: 'Input gate',
  f: 'Forget gate',
  g: 'Candidate',
  o: 'Output gate',
  hidden: 'Output',
  attention: 'Attention',
  weights: 'Say of each member',
  shares: 'Length of context',
  anomaly: 'Not expected',
  experts: 'Experts',
  columns: 'Columns',
};

export const glass = {
  bitsMark: (bits: number) => `${bits} bits`,
  glass: 'Glass box',
  lookInside: 'Look inside',
  glassNone: 'Open an answer in a conversation and choose “Look inside”.',
  glassMissing: 'This answer is not here. It may have been deleted.',
  glassFailed: 'The answer could not be looked into.',
  toAnswer: 'To the answer',

  /** The sentence over the view, in parts; true marks the words that surprised. */
  surprised: (model: string, words: string[]): [string, boolean][] => {
    const [first, second, third] = words;
    if (first === undefined) return [[`Nothing here surprised ${model}.`, false]];
    const begin = `${words.length === 1 ? 'One word' : count(words.length, 'word')} surprised ${model}`;
    if (second === undefined) return parted(begin, ': ', [first]);
    if (third === undefined) return parted(begin, ': ', [first, second]);
    return parted(begin, words.length === 3 ? ': ' : ', most of all ', [first, second, third]);
  },
  notWritten: (model: string, how: string) =>
    `${model} did not write this; it was ${how}. This is how it reads it.`,
  chosen: (model: string) =>
    `${model} did not write this: it chose it among the answers it practised. This is how it reads it.`,
  notItsOwn: (model: string) =>
    `The version that wrote this is not kept any more. ${model} as it is now reads it here.`,
  askedWords: (text: string) => `Asked “${text}”`,
  cost: (characters: number, each: number) =>
    `${count(characters, 'letter')}, ${twoDigits.format(each)} bits each`,
  readBy: (model: string, engine: string, digest: string) =>
    `${model}, ${engine}, version ${digest.slice(0, 8)}`,
  unread: (n: number) => `${count(n, 'piece')} at its end did not fit the window.`,
  json: 'JSON',

  pieces: 'The answer, piece by piece',
  surpriseLegend: 'surprise',
  surpriseRange: '0 to 4 bits and more',
  pieceName: (text: string, control: string | null) =>
    control !== null
      ? control === 'end'
        ? 'the end'
        : control
      : text === ' '
        ? 'space'
        : text === '\n'
          ? 'new line'
          : text,
  pieceLabel: (name: string, bits: number) => `${name}, ${twoDigits.format(bits)} bits`,
  pieceOf: (n: number, of: number) => `Piece ${whole.format(n)} of ${whole.format(of)}`,
  pieceBefore: 'Piece before',
  pieceAfter: 'Piece after',
  gave: (model: string, chance: number) => `${model} gave it ${chancePercent(chance)}.`,
  bitsOf: (bits: number) => `That is ${twoDigits.format(bits)} bits of surprise.`,
  elseWritten: 'What else it could have written',
  othersTogether: (n: number) => `${count(n, 'other')} together`,
  chance: chancePercent,
  glassTemperature: 'Temperature',
  temperatureHere: (temperature: number, name: string, chance: number, own: number) =>
    `At ${twoDigits.format(temperature)} it writes “${name.trim()}” ${times(chance)}. ` +
    `The model itself, at 1.00, gives it ${chancePercent(own)}: the thin marks.`,
  writtenAt: (temperature: number) => `The answer was written at ${twoDigits.format(temperature)}.`,
  writeFromHere: 'Write again from here',
  writingAgain: 'Writing',
  anotherAt: (temperature: number) => `at ${twoDigits.format(temperature)}`,
  anothersNote: 'Not kept, and not learned.',
  emptyAnother: '(it ends here)',

  inside: 'Inside',
  insideNone: 'This engine shows nothing of its inside.',
  afterPiece: 'after each piece was read',
  layerPart: (part: string) => parts[part] ?? part,
  layerPlace: (place: string) =>
    place
      .split('.')
      .reduce<string[]>((words, word) => {
        if (/^\d+$/.test(word)) words.push(`${words.pop() ?? ''} ${Number(word) + 1}`.trim());
        else words.push(word.replace(/s$/, ''));
        return words;
      }, [])
      .join(', '),
  wholeModel: 'Whole model',
  layerOf: 'Part of the model',
  layerWhat: 'What of it',
  unitsShown: (shown: number, of: number) =>
    shown < of
      ? `${whole.format(shown)} of ${count(of, 'unit')}, quick ones above, slow ones below`
      : count(of, 'unit'),
  unit: 'Unit',
  value: 'Value',
  heatConclusion: (
    what: string,
    units: number,
    pieces: number,
    name: string,
    low: string,
    high: string,
  ) =>
    `${what}: ${count(units, 'unit')} over ${count(pieces, 'piece')}. ` +
    `After ${name} the lowest is ${low}, the highest ${high}.`,
  signed: (n: number) => `${n > 0 ? '+' : n < 0 ? '−' : ''}${twoDigits.format(Math.abs(n))}`,
  attentionHead: (n: number) => `Head ${n + 1}`,
  attentionNote: (name: string) => `What each head looked at when it had read ${name}.`,
  rowsNote: (name: string) => `What stands out in each row after ${name}.`,
  rowOf: (n: number) => `Row ${n + 1}`,
  columnsConclusion: (active: number, expected: number, both: number) =>
    `${count(active, 'column')} active, ${both === active ? 'all' : whole.format(both)} of them expected. ` +
    `${whole.format(expected - both)} more were expected and did not come.`,
  columnsLegend: ['active and expected', 'active, not expected', 'expected, not active'] as const,
  tableOfPieces: 'The pieces',
  pieceHead: 'Piece',
  bitsHead: 'Bits',
  chanceHead: 'Chance',
  likeliestHead: 'Likeliest',
  tableOfValues: 'Values after this piece',

  // the first lesson
  firstLesson: 'The first lesson',
  firstTold: 'You told it something',
  rememberedNow: 'Remembered',
  rememberedNote: 'The words are in its memory. The model itself has not changed yet.',
  stayedAsItWas: (model: string) => `${model} stayed as it was.`,
  proof: 'The proof',
  proofNote: 'in an empty conversation, without memory',
  proofRead: 'And your own words, as both of them read them:',
  beforeLesson: 'before',
  afterLessonNow: (n: number) => `after lesson ${whole.format(n)}`,
  bitsInAll: (bits: number) => `${whole.format(bits)} bits`,
  proofSentence: (before: number, after: number) =>
    after < before
      ? `Your words cost ${whole.format((100 * (before - after)) / before)}\u00a0% fewer bits than before.`
      : 'Your words cost as many bits as before, or more: the lesson taught something else.',

  elsewhere: 'The same answer through every model here',
  elsewhereNote: 'How much each would have been surprised by these very words.',
  elsewhereEach: (each: number) => `${twoDigits.format(each)} bits a letter`,
  askAll: 'Ask every model the same',
};

function parted(begin: string, between: string, words: string[]): [string, boolean][] {
  const found: [string, boolean][] = [[begin + between, false]];
  words.forEach((word, i) => {
    found.push([word, true]);
    found.push([i === words.length - 1 ? '.' : i === words.length - 2 ? ' and ' : ', ', false]);
  });
  return found;
}

function chancePercent(chance: number): string {
  const percent = 100 * chance;
  if (percent > 0 && percent < 0.1) return '< 0.1\u00a0%';
  return `${(percent < 10 ? oneDigit : whole).format(percent)}\u00a0%`;
}

/** How often in words; what is rare is said as rare. */
function times(chance: number): string {
  const inHundred = Math.round(100 * chance);
  if (inHundred >= 1) return `${inHundred} ${inHundred === 1 ? 'time' : 'times'} in 100`;
  return chance > 1e-9 ? `once in ${whole.format(Math.round(1 / chance))} times` : 'never';
}
