/** The widths at which the page takes another shape; the style sheets name the same figures. */
import { MediaQuery } from 'svelte/reactivity';

/** Too narrow for both columns beside the room: they become drawers. */
export const narrow = new MediaQuery('width < 1200px');

/** One column: a phone. */
export const phone = new MediaQuery('width < 600px');
