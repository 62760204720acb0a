/** What the page says about whose words may become what. */

export const roles = {
  roles: 'Whose words do what',
  rolesSentence:
    'What may become of the words of each: read before an answer, remembered, and learned by your model.',
  roleOf: 'Whose',
  roleNames: {
    user: 'You',
    assistant: 'The model',
    system: 'System prompt',
    document: 'Documents',
  },
  roleUses: { window: 'read', memory: 'remembered', training: 'learned' },
  roleUse: (who: string, use: string) => `${who}: ${use}`,
  always: 'always',
  never: 'never',
  rolesNote:
    'With “learned” off for you nothing is learned, and what you say waits. A model that learns its own unrated words becomes its own echo. A document is learned only when you ask for it in Documents.',
  rolesFailed: 'The roles could not be loaded.',
};
