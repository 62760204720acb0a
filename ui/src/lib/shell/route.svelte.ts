/**
 * Which view is shown, kept in the address after "#" so that reload, bookmark and back work.
 */

import type { Span } from '../documents/segments';

export type Route =
  | { view: 'chat'; conversation: string | null; turn: string | null }
  | { view: 'learning'; lesson: number | null }
  | { view: 'documents'; document: string | null; page: number; quote: Span | null }
  | { view: 'notebook'; note: string | null }
  | { view: 'models' }
  | { view: 'dreams' }
  | { view: 'compare'; prompt: string | null }
  | { view: 'glass'; turn: string | null }
  | { view: 'settings' };

export type View = Route['view'];

export const newChat: Route = { view: 'chat', conversation: null, turn: null };
export const newNotebookPage: Route = { view: 'notebook', note: null };

/** The address of a route. */
export function href(route: Route): string {
  switch (route.view) {
    case 'chat':
      return `#/${['c', route.conversation, route.turn]
        .filter((part) => part !== null)
        .map(encodeURIComponent)
        .join('/')}`;
    case 'learning':
      return route.lesson === null ? '#/learning' : `#/learning/${route.lesson}`;
    case 'documents': {
      const { document, page, quote } = route;
      if (document === null) return '#/documents';
      const place = quote ? `${page}/${quote[0]}-${quote[1]}` : `${page}`;
      return `#/documents/${encodeURIComponent(document)}/${place}`;
    }
    case 'notebook':
      return route.note === null ? '#/notebook' : `#/notebook/${encodeURIComponent(route.note)}`;
    case 'compare':
      return route.prompt === null ? '#/compare' : `#/compare/${encodeURIComponent(route.prompt)}`;
    case 'glass':
      return route.turn === null ? '#/glass' : `#/glass/${encodeURIComponent(route.turn)}`;
    default:
      return `#/${route.view}`;
  }
}

export const allDocuments: Route = { view: 'documents', document: null, page: 1, quote: null };

/** Where a document is read, at a page and a place on it. */
export const documentAt = (document: string, page = 1, quote: Span | null = null): string =>
  href({ view: 'documents', document, page, quote });

export const chatAt = (conversation: string, turn: string | null = null): string =>
  href({ view: 'chat', conversation, turn });

/** Where an answer is looked into. */
export const glassOf = (turn: string): string => href({ view: 'glass', turn });

/** The route of an address; anything unknown is a new chat. */
export function parse(hash: string): Route {
  const [view, first, second, third] = hash.replace(/^#\/?/, '').split('/').map(decode);
  if (view === 'learning') {
    return { view, lesson: first && /^\d{1,9}$/.test(first) ? Number(first) : null };
  }
  if (view === 'documents') {
    return {
      view,
      document: first || null,
      page: second && /^[1-9]\d{0,5}$/.test(second) ? Number(second) : 1,
      quote: parseSpan(third ?? ''),
    };
  }
  if (view === 'notebook') return { view, note: first || null };
  if (view === 'compare') return { view, prompt: first || null };
  if (view === 'glass') return { view, turn: first || null };
  if (view === 'models' || view === 'dreams' || view === 'settings') return { view };
  return view === 'c'
    ? { view: 'chat', conversation: first || null, turn: second || null }
    : newChat;
}

export class Router {
  route = $state.raw<Route>(parse(location.hash));

  constructor() {
    window.addEventListener('hashchange', () => (this.route = parse(location.hash)));
  }

  go(route: Route): void {
    location.hash = href(route);
    this.route = route;
  }

  /** Goes to an address made by `href` and its kin. */
  open(address: string): void {
    this.go(parse(address));
  }

  /** Changes the address without a new step to go back to. */
  replace(route: Route): void {
    history.replaceState(history.state, '', href(route));
    this.route = route;
  }
}

function parseSpan(place: string): Span | null {
  const found = /^(\d{1,9})-(\d{1,9})$/.exec(place);
  return found ? [Number(found[1]), Number(found[2])] : null;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}
