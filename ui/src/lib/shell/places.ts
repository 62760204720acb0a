/** The views one can go to, in the order in which they stand in the rail. */
import type { IconName } from './icons';
import type { View } from './route.svelte';

export const places = [
  { view: 'chat', icon: 'chat', to: '#/' },
  { view: 'notebook', icon: 'notebook', to: '#/notebook' },
  { view: 'learning', icon: 'learning', to: '#/learning' },
  { view: 'models', icon: 'models', to: '#/models' },
  { view: 'dreams', icon: 'dreams', to: '#/dreams' },
  { view: 'documents', icon: 'document', to: '#/documents' },
  { view: 'settings', icon: 'settings', to: '#/settings' },
] as const satisfies readonly { view: View; icon: IconName; to: string }[];
