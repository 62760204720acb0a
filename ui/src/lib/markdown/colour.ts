/**
 * Code in colours. lowlight reads the code into a tree, which is shown as nodes; it is fetched for
 * the first block of code that names a language it may know.
 */
import type { Root } from 'hast';
import type { read } from './lowlight';

/** Longer code stays plain: colouring it would hold up the page. */
const longest = 50_000;

let lowlight: Promise<{ read: typeof read }> | null = null;

/** The code as a tree of words with their kinds; null for an unknown language. */
export async function colour(text: string, language: string): Promise<Root | null> {
  if (!/^[\w#+.-]{1,30}$/.test(language) || text.length > longest) return null;
  lowlight ??= import('./lowlight');
  lowlight.catch(() => (lowlight = null)); // the next block tries again
  return (await lowlight).read(text, language.toLowerCase());
}
