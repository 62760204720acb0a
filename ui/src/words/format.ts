/** How numbers, sizes and times are written. */

export const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
export const oneDigit = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
export const twoDigits = new Intl.NumberFormat('en', {
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
});
export const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
export const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** The key that goes with another one, as this machine's keyboard names it; the build has none. */
const platform = typeof navigator === 'undefined' ? '' : navigator.platform;
export const command = /Mac|iPhone|iPad/.test(platform) ? '⌘' : 'Ctrl';

export const count = (n: number, one: string, many = `${one}s`) =>
  `${whole.format(n)} ${n === 1 ? one : many}`;

export function bytes(n: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];
  const at = n < 1 ? 0 : Math.min(Math.floor(Math.log10(n) / 3), units.length - 1);
  return `${at === 0 ? whole.format(n) : oneDigit.format(n / 1000 ** at)} ${units[at]}`;
}
