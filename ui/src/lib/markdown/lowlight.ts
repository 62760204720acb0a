/** lowlight with the languages people ask about most: fetched when the first code is shown. */
import type { Root } from 'hast';
import { common, createLowlight } from 'lowlight';

const known = createLowlight(common);

export function read(text: string, language: string): Root | null {
  return known.registered(language) ? known.highlight(language, text) : null;
}
