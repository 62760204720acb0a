/** What the page says about who one is, and about keys for programs. */
import type { Key, OwnAccount, Scope, SignedIn } from '../lib/api';

const date = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const on = (at: string) => date.format(new Date(at));

export const accounts = {
  profile: 'Profile',
  profileFailed: 'Your account could not be loaded.',
  accountName: 'Name',
  accountRole: 'Role',
  accountSince: 'Since',
  accountRoles: { administrator: 'administrator', user: 'user' } satisfies Record<
    OwnAccount['role'],
    string
  >,
  nobodySignsIn:
    'Nobody signs in on this machine, so there is no password. Several people can use it once there is a first administrator: l2c serve --host 0.0.0.0 says how.',
  changePassword: 'Change the password',
  currentPassword: 'Current password',
  newPassword: 'New password',
  newPasswordNote: 'At least 10 characters. All your other sessions end.',
  passwordChanged: 'The password is changed. Your other sessions have ended.',
  signOut: 'Sign out',
  signedIn: 'Where you are signed in',
  sessionFacts: ({ created_at, expires_at }: SignedIn) =>
    `Since ${on(created_at)}, until ${on(expires_at)}`,
  thisBrowser: 'this browser',
  endSession: 'End',
  endSessionOf: ({ created_at }: SignedIn) => `End the session since ${on(created_at)}`,

  apiKeys: 'API keys',
  keysSentence:
    'Other programs come in with a key of their own, and may do what it says. A revoked key is worthless within a second.',
  keysFailed: 'The keys could not be loaded.',
  noKey:
    'None. Programs on this machine reach /chat, /v1 and /api without one, unless people sign in here.',
  newKey: 'Make a key',
  keyName: 'What it is for',
  keyNameNote: 'Such as: the editor on my laptop.',
  keyScopes: 'It may',
  scopes: {
    read: 'look',
    chat: 'talk',
    learn: 'steer learning',
    admin: 'administer',
  } satisfies Record<Scope, string>,
  scopeNotes: {
    read: 'Conversations, documents, models and what was learned.',
    chat: 'Say something; change conversations and documents.',
    learn: 'Lessons, models, forgetting.',
    admin: 'Keys, sessions and the password; of an administrator also accounts and servers.',
  } satisfies Record<Scope, string>,
  keyTeaches: 'What is said with it is kept and learned',
  keyTeachesNote: 'Over /v1 and /api. Without this it leaves no trace.',
  keyEnds: 'It ends',
  keyNeverEnds: 'when it is revoked',
  keyDays: (days: number) => `after ${days} days`,
  makeKey: 'Make the key',
  keyMade: (name: string) => `The key for ${name}`,
  copyKey: 'Copy the key',
  keyOnce:
    'Copy it now. It is shown this once; the server keeps only what it takes to know it again.',
  keyTaken: 'I have it',
  keyFacts: ({ ending, scopes, teaches, created_at, expires_at }: Key) =>
    [
      `ends in ${ending}`,
      `may ${scopes.map((scope) => accounts.scopes[scope]).join(', ')}`,
      ...(teaches ? ['teaches'] : []),
      `made ${on(created_at)}`,
      ...(expires_at === null ? [] : [`until ${on(expires_at)}`]),
    ].join(', '),
  revoke: 'Revoke',
  revokeOf: (name: string) => `Revoke the key for ${name}`,
  revokeSure: (name: string) => `Revoke the key for ${name}? What uses it is refused at once.`,
  revoked: (name: string) => `The key for ${name} is worthless now.`,
};
