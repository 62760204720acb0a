/** The words of what is remembered. */

const date = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });

export const memory = {
  memory: 'Memory',
  memorySentence:
    'What you told, in your own words; asked for, it is the answer. Changing it says it anew in the conversation it was told in; forgetting it here leaves that conversation.',
  memoryFailed: 'What is remembered could not be loaded.',
  noMemory: 'Nothing yet. Tell something, such as: My sister is called Mirela.',
  youTold: (at: string) => `you told me on ${date.format(new Date(at))}`,
  youToldThat: (said: string, at: string) => `told on ${date.format(new Date(at))}: “${said}”`,
  toldOn: (at: string) => `told on ${date.format(new Date(at))}`,
  formerly: (values: string[]) => `(before: ${values.join(', ')})`,
  valueOf: (said: string) => `What is right in: ${said}`,
  mend: 'Change',
  mendOf: (said: string) => `Change: ${said}`,
  forgetFact: 'Forget',
  forgetFactOf: (said: string) => `Forget: ${said}`,
};
