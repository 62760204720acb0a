/**
 * What is painted first, before any script ran: the frame of the page, as HTML that the build writes
 * into the document. Its links lead where they will lead; everything else is ground and lines, so
 * nothing has to move when the page takes its place. `public/first.js` says which view it is of.
 */
import { messages as m } from '../../messages';
import { sign, strokes, type IconName } from './icons';
import { places } from './places';

/** What the page asks first: whether anything was said yet, which decides where the draft stands. */
export const asked = '/app/v1/conversations?limit=50&archived=false';

const icon = (name: IconName) =>
  `<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="${strokes[name]}" /></svg>`;

export function frame(): string {
  const links = places.map(
    ({ view, icon: name, to }) => `<a href="${to}" class="${view}">${icon(name)}${m[view]}</a>`,
  );
  return `<div class="app chat panel painted">
      <div class="views"><nav class="rail" aria-label="${m.views}"><span class="sign"><svg
        class="brand" viewBox="0 0 26 26" aria-hidden="true"><path class="stem" d="${sign.stem}" /><path
        class="dot" d="${sign.dot}" /></svg></span>${links.join('')}</nav></div>
      <div class="side"></div>
      <div class="middle">
        <div class="bar">${icon('menu')}</div>
        <div class="strip"></div>
        <p class="failed" role="alert" hidden>${m.pageFailed} <a class="key" href="">${m.retry}</a></p>
      </div>
      <div class="beside"><div class="bar"></div></div>
    </div>`;
}
