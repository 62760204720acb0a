/**
 * Which view is shown, kept in the address after "#" so that reload, bookmark and back work.
 */

export type Route =
  | { view: 'chat'; conversation: string | null; turn: string | null }
  | { view: 'learning'; lesson: number | null }
  | { view: 'models' }
  | { view: 'settings' };

export type View = Route['view'];

export const newChat: Route = { view: 'chat', conversation: null, turn: null };

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
    default:
      return `#/${route.view}`;
  }
}

export const chatAt = (conversation: string, turn: string | null = null): string =>
  href({ view: 'chat', conversation, turn });

/** The route of an address; anything unknown is a new chat. */
export function parse(hash: string): Route {
  const [view, first, second] = hash.replace(/^#\/?/, '').split('/').map(decode);
  if (view === 'learning') {
    return { view, lesson: first && /^\d{1,9}$/.test(first) ? Number(first) : null };
  }
  if (view === 'models' || view === 'settings') return { view };
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

  /** Changes the address without a new step to go back to. */
  replace(route: Route): void {
    history.replaceState(history.state, '', href(route));
    this.route = route;
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}
