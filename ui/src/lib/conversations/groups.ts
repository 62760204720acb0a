/** The conversations of the list under the day they last went on: today, yesterday, earlier. */
import type { Conversation } from '../api';
import { messages as m } from '../../messages';

export interface Group {
  name: string;
  items: Conversation[];
}

/** Groups without conversations are left out; the order within each stays. */
export function byDay(items: Conversation[], now: Date): Group[] {
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
  const dayBefore = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1).getTime();
  const since = (from: number, until: number) =>
    items.filter(
      ({ updated_at }) => Date.parse(updated_at) >= from && Date.parse(updated_at) < until,
    );
  return [
    { name: m.today, items: since(midnight, Infinity) },
    { name: m.yesterday, items: since(dayBefore, midnight) },
    { name: m.earlier, items: since(-Infinity, dayBefore) },
  ].filter((group) => group.items.length > 0);
}
