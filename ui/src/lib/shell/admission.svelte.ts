/**
 * Whether this browser is still let in, and as whom.
 *
 * A session may end elsewhere. Nothing is thrown away then and nobody is led away from what they
 * write: the page says so and leads to the sign-in page when asked. Every request that is answered
 * again, because somebody signed in in another tab, ends it.
 */
import { messages as m } from '../../messages';
import type { ApiError } from '../request';
import type { Shelf } from './shelf';

const whose = 'whose';

/** A refusal in words: the server's, which for a stranger are meant for programs. */
export const inWords = ({ status, message }: ApiError): string =>
  status === 401 ? m.notDone : message;

export class Admission {
  /** The server does not know who this is any more. */
  ended = $state(false);
  /** Words stand in this tab alone, and would be lost if another address took its place. */
  precarious = $state(false);

  #user: string | null = null;
  readonly #returned = new Set<() => void>();

  /** `reload` has the browser ask for the page anew: the server leads a stranger to its door. */
  constructor(
    private readonly shelf: Shelf,
    private readonly reload: () => void = () => location.reload(),
  ) {}

  /** Takes in that a request was answered for somebody known, or refused to a stranger. */
  heard(known: boolean): void {
    const before = this.ended;
    this.ended = !known;
    if (before && known) for (const listener of this.#returned) listener();
  }

  /** Calls back each time this browser is let in again. */
  onReturn(listener: () => void): void {
    this.#returned.add(listener);
  }

  /** Takes in who this is; somebody else than before gets a page of their own. False then. */
  isStill(user: string): boolean {
    if (this.#user !== null && this.#user !== user) {
      this.reload();
      return false;
    }
    this.#user = user;
    // The door reads this: what one person typed is not shown to the next.
    this.shelf.put(whose, user);
    return true;
  }

  /** Leads to where one signs in. */
  signIn(): void {
    this.reload();
  }
}
