/**
 * The conversations of the list in the order they are shown: temporary ones, pinned ones, then
 * under the day they last went on. What lies in a folder is shown in it.
 */
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
  return filled([
    { name: m.today, items: since(midnight, Infinity) },
    { name: m.yesterday, items: since(dayBefore, midnight) },
    { name: m.earlier, items: since(-Infinity, dayBefore) },
  ]);
}

/** What stands above the folders: temporary and pinned conversations. */
export function apart(items: Conversation[]): Group[] {
  return filled([
    { name: m.temporaryOnes, items: items.filter(({ temporary }) => temporary) },
    { name: m.pinned, items: items.filter((item) => item.pinned && !item.temporary) },
  ]);
}

/** What stands below the folders. */
export function loose(items: Conversation[]): Conversation[] {
  return items.filter((item) => !item.temporary && !item.pinned && item.folder_id === null);
}

/** What lies in a folder; a pinned conversation stands with the pinned ones instead. */
export function within(items: Conversation[], folder: string): Conversation[] {
  return items.filter((item) => item.folder_id === folder && !item.pinned && !item.temporary);
}

const filled = (groups: Group[]) => groups.filter((group) => group.items.length > 0);
